//! Which groups of a partition must stay hidden.

/// Marks the groups that may not be published when every group is published beside the total.
///
/// A group below `min_group` people is hidden. If the hidden groups together still hold fewer than
/// `min_group` people, the total minus the published groups would show them: the smallest published
/// groups are hidden too, until it would not (complementary suppression). Groups without anybody
/// hide nothing and stay as they are.
///
/// ```
/// use scoring::cohort::hidden;
/// assert_eq!(hidden(&[12, 3, 9], 5), [false, true, true]);
/// assert_eq!(hidden(&[12, 3, 3], 5), [false, true, true]);
/// assert_eq!(hidden(&[12, 0, 9], 5), [false, false, false]);
/// ```
#[must_use]
pub fn hidden(group_sizes: &[usize], min_group: usize) -> Vec<bool> {
    let mut hidden: Vec<bool> =
        group_sizes.iter().map(|size| *size > 0 && *size < min_group).collect();
    loop {
        let concealed: usize = group_sizes
            .iter()
            .zip(&hidden)
            .filter(|(_, hidden)| **hidden)
            .map(|(size, _)| size)
            .sum();
        if concealed == 0 || concealed >= min_group {
            return hidden;
        }
        let published =
            group_sizes.iter().zip(&mut hidden).filter(|(size, hidden)| **size > 0 && !**hidden);
        match published.min_by_key(|(size, _)| **size) {
            Some((_, smallest)) => *smallest = true,
            None => return hidden,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::hidden;
    use proptest::prelude::*;

    proptest! {
        /// The attacker knows the total and every published group.
        #[test]
        fn a_difference_never_isolates_a_small_group(
            sizes in proptest::collection::vec(0usize..20, 1..8),
            min_group in 3usize..8,
        ) {
            let hidden = hidden(&sizes, min_group);
            let concealed: usize = sizes.iter().zip(&hidden).filter(|(_, h)| **h).map(|(n, _)| n).sum();
            let total: usize = sizes.iter().sum();
            prop_assert!(concealed == 0 || concealed >= min_group || concealed == total);
            for (size, hidden) in sizes.iter().zip(&hidden) {
                prop_assert!(*hidden || *size == 0 || *size >= min_group);
            }
        }
    }
}
