//! Why there is no number.

/// Why a statistic has no value. A report prints the reason where the number would stand.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// Fewer respondents, or pairs of them, than the statistic needs.
    #[error("too few people")]
    TooFewPeople,
    /// Fewer items than the statistic needs.
    #[error("too few items")]
    TooFewItems,
    /// Fewer scales than the statistic needs.
    #[error("too few scales")]
    TooFewScales,
    /// Fewer groups than the statistic needs.
    #[error("too few groups")]
    TooFewGroups,
    /// Everything that should differ is the same, so that the statistic would divide by 0.
    #[error("no variance")]
    NoVariance,
    /// A reliability of 0 or less says nothing about the error of a single score.
    #[error("the reliability is not positive")]
    ReliabilityNotPositive,
    /// An iterative estimate did not settle.
    #[error("the estimate did not converge")]
    NoConvergence,
    /// An estimated unique variance is not positive (Heywood 1931).
    #[error("a Heywood case: an estimated error variance is not positive")]
    Heywood,
    /// Items whose covariances leave a squared loading negative or undefined.
    #[error("the items are not positively related")]
    NotPositivelyRelated,
    /// An estimated variance that the statistic divides by is 0 or less.
    #[error("an estimated variance is not positive")]
    VarianceNotPositive,
    /// A mean so near to a bound of the scale that the statistic is not defined.
    #[error("the mean is too near to the end of the scale")]
    MeanOutOfRange,
    /// The statistic is tabled for five response options only.
    #[error("the scale does not have five points")]
    NotFivePoints,
}

impl Reason {
    /// Stable code, also the key of its text.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Reason::TooFewPeople => "too_few_people",
            Reason::TooFewItems => "too_few_items",
            Reason::TooFewScales => "too_few_scales",
            Reason::TooFewGroups => "too_few_groups",
            Reason::NoVariance => "no_variance",
            Reason::ReliabilityNotPositive => "reliability_not_positive",
            Reason::NoConvergence => "no_convergence",
            Reason::Heywood => "heywood",
            Reason::NotPositivelyRelated => "not_positively_related",
            Reason::VarianceNotPositive => "variance_not_positive",
            Reason::MeanOutOfRange => "mean_out_of_range",
            Reason::NotFivePoints => "not_five_points",
        }
    }
}
