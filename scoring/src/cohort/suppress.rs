//! Which groups of a partition must stay hidden.

/// Marks the groups that may not be published when every group is published beside the total.
///
/// A group below `min_group` people is hidden, and so is one that is `unfit` for another reason. If the hidden
/// groups together still hold fewer than `min_group` people, the total minus the published groups would show
/// them; if one unfit group is hidden alone, it would show that one. Then the smallest published groups are
/// hidden too, until it does not (complementary suppression). Groups without anybody hide nothing and stay
/// as they are.
///
/// ```
/// use scoring::cohort::suppressed;
/// assert_eq!(suppressed(&[12, 3, 9], &[false; 3], 5), [false, true, true]);
/// assert_eq!(suppressed(&[12, 3, 3], &[false; 3], 5), [false, true, true]);
/// assert_eq!(suppressed(&[12, 0, 9], &[false; 3], 5), [false, false, false]);
/// assert_eq!(suppressed(&[12, 7, 9], &[false, true, false], 5), [false, true, true]);
/// ```
#[must_use]
pub fn suppressed(group_sizes: &[u64], unfit: &[bool], min_group: u64) -> Vec<bool> {
    let is_hidden = |(size, unfit): (&u64, &bool)| *size > 0 && (*size < min_group || *unfit);
    let mut hidden: Vec<bool> = group_sizes.iter().zip(unfit).map(is_hidden).collect();
    loop {
        let concealed = || group_sizes.iter().zip(&hidden).zip(unfit).filter(|((_, h), _)| **h);
        let n_people: u64 = concealed().map(|((size, _), _)| size).sum();
        let exposes_one = concealed().count() == 1 && concealed().any(|(_, unfit)| *unfit);
        if n_people == 0 || (n_people >= min_group && !exposes_one) {
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
    use super::suppressed;
    use proptest::prelude::*;

    proptest! {
        /// The attacker knows the total and every published group.
        #[test]
        fn a_difference_never_isolates_a_small_group(
            groups in proptest::collection::vec((0_u64..20, any::<bool>()), 1..8),
            min_group in 3_u64..8,
        ) {
            let (sizes, unfit): (Vec<u64>, Vec<bool>) = groups.into_iter().unzip();
            let hidden = suppressed(&sizes, &unfit, min_group);
            let concealed: u64 = sizes.iter().zip(&hidden).filter(|(_, h)| **h).map(|(n, _)| n).sum();
            let total: u64 = sizes.iter().sum();
            prop_assert!(concealed == 0 || concealed >= min_group || concealed == total);
            for ((size, hidden), unfit) in sizes.iter().zip(&hidden).zip(&unfit) {
                prop_assert!(*hidden || *size == 0 || (*size >= min_group && !unfit));
            }
            let alone = hidden.iter().filter(|h| **h).count() == 1;
            let shows_an_unfit_one = alone && concealed < total && hidden.iter().zip(&unfit).any(|(h, u)| *h && *u);
            prop_assert!(!shows_an_unfit_one);
        }
    }
}
