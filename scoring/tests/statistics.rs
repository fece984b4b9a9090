//! Group statistics against numbers that other programs computed.
//!
//! The agreeableness items of R's `psych::bfi` (n = 2709 complete rows, five items, 1 to 6, the first reversed)
//! enter as sums alone: any answers with these sums have these statistics. R 4.2.2, psych 2.2.9:
//! `alpha(x)`, `omega(x, 1)`; the exact fractions with Python's `fractions` from the same sums.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failing test should stop at the line that failed"
)]

use scoring::stats::{
    Complete, GroupScores, Null, Partial, Reason, ad_mean, ad_median, alpha, alpha_pairwise,
    alpha_without, awg_j, group_icc, item_rest, nearest, ratio, rwg_j,
};

#[track_caller]
fn near(got: f64, expected: f64) {
    assert!((got - expected).abs() <= 1e-14, "{got} is not {expected}");
}

/// Counted from 1, so that answers of 1 to 6 are 0 to 5.
fn agreeableness() -> Complete {
    Complete {
        values: vec![
            vec![346, 0, 0, 0, 2096, 267],
            vec![218, 0, 8, 0, 2144, 339],
            vec![305, 0, 5, 0, 2255, 144],
            vec![355, 0, 3, 0, 1786, 565],
            vec![303, 0, 2, 0, 2404, 0],
        ],
        products: vec![38435, 36311, 36626, 35390, 39047, 39466, 38089, 37803, 36875, 36980],
    }
}

#[test]
fn the_sums_are_those_of_the_published_data() {
    let rows = agreeableness();
    let n = i128::from(rows.n());
    let sums: Vec<i128> = (0..5).map(|i| rows.sum(i) + n).collect();
    assert_eq!(sums, [12428, 12996, 12459, 12684, 12329]);
    let product = |i, j| rows.product(i, j) + rows.sum(i) + rows.sum(j) + n;
    let products: Vec<i128> = (0..5).flat_map(|i| (i..5).map(move |j| product(i, j))).collect();
    assert_eq!(
        products,
        [
            62358, 61150, 58489, 59029, 57438, 66094, 61793, 62437, 60705, 61909, 60237, 58954,
            65372, 59284, 60421
        ]
    );
}

#[test]
fn alpha_is_the_exact_fraction() {
    let rows = agreeableness();
    assert_eq!(alpha(&rows), Ok(ratio(209_342_125, 297_464_116)));
    assert_eq!(nearest(&alpha(&rows).unwrap()), 0.703_755_894_374_836_1);
    // Nobody left out an item, so that both kinds are one.
    assert_eq!(alpha_pairwise(&rows, &Partial::default()), alpha(&rows));
}

#[test]
fn items_against_the_rest() {
    let rows = agreeableness();
    for (item, (correlation, without)) in [
        (0.311_401_300_580_162, 0.717_972_056_565_048),
        (0.563_015_475_492_023, 0.618_481_211_772_761),
        (0.588_773_078_677_353, 0.600_753_814_422_001),
        (0.394_793_680_111_273, 0.686_944_741_539_779),
        (0.487_240_867_629_001, 0.644_622_304_221_595),
    ]
    .into_iter()
    .enumerate()
    {
        near(item_rest(&rows, item).unwrap(), correlation);
        near(nearest(&alpha_without(&rows, item).unwrap()), without);
    }
}

/// The sums of rows, the slow way.
fn sums(span: u8, rows: &[&[u8]]) -> Complete {
    let k = rows[0].len();
    let mut sums = Complete::new(k, span);
    let mut products = Vec::new();
    for i in 0..k {
        rows.iter().for_each(|row| sums.values[i][usize::from(row[i])] += 1);
        for j in i + 1..k {
            products.push(rows.iter().map(|row| u64::from(row[i]) * u64::from(row[j])).sum());
        }
    }
    sums.products = products;
    sums
}

#[test]
fn no_number_has_its_reason() {
    let one_item = sums(4, &[&[1], &[2]]);
    assert_eq!(alpha(&one_item), Err(Reason::TooFewItems));
    assert_eq!(alpha(&sums(4, &[&[1, 2]])), Err(Reason::TooFewPeople));
    let alike = sums(4, &[&[1, 2], &[1, 2]]);
    assert_eq!(alpha(&alike), Err(Reason::NoVariance));
    assert_eq!(item_rest(&alike, 0), Err(Reason::NoVariance));
    // Two items that cancel each other out: their sum never varies.
    assert_eq!(alpha(&sums(4, &[&[0, 4], &[4, 0]])), Err(Reason::NoVariance));
    assert_eq!(alpha_without(&sums(4, &[&[0, 4], &[4, 0]]), 0), Err(Reason::TooFewItems));
    assert_eq!(rwg_j(&sums(4, &[&[1, 2]]), Null::Uniform), Err(Reason::TooFewPeople));
    let six = sums(5, &[&[1, 2], &[3, 4]]);
    assert_eq!(rwg_j(&six, Null::SlightSkew), Err(Reason::NotFivePoints));
}

/// A negative α is reported: Python, `fractions`, from the covariances of these rows.
#[test]
fn a_negative_alpha_is_a_number() {
    assert_eq!(alpha(&sums(4, &[&[0, 4], &[4, 0], &[0, 3]])), Ok(ratio(-56, 1)));
}

/// Answers of 1 to 5 to three questions, counted from 0 here. Group a disagrees more than chance would, group c
/// sits near the end.
fn groups() -> Vec<Complete> {
    let groups: [&[&[u8]]; 4] = [
        &[&[0, 0, 4], &[4, 4, 0], &[0, 4, 4]],
        &[&[3, 0, 3], &[1, 2, 0], &[3, 2, 3], &[4, 4, 2], &[1, 1, 3]],
        &[&[4, 4, 4], &[4, 3, 4], &[4, 4, 3], &[4, 4, 4]],
        &[&[3, 2, 4], &[0, 3, 2], &[2, 1, 2], &[2, 4, 4], &[0, 2, 1], &[2, 0, 1]],
    ];
    groups.map(|rows| sums(4, rows)).into()
}

/// R 4.2.2, multilevel 2.7: `rwg.j(x, g, ranvar = 2)`, `ranvar = 1.34`, `awg(x, g, range = c(1, 5))`, `ad.m(x, g)`,
/// `ad.m(x, g, type = "median")`.
#[test]
fn agreement_equals_multilevel() {
    let expected = [
        [0.0, 0.0, -1.0, 1.777_777_777_777_778, 1.333_333_333_333_333_3],
        [0.136_363_636_363_636_2, 0.0, 0.224_747_474_747_474_6, 1.04, 0.933_333_333_333_333_3],
        [0.970_588_235_294_117_6, 0.954_792_043_399_638_3, 1.0, 0.25, 0.166_666_666_666_666_7],
        [
            0.261_467_889_908_256_8,
            0.0,
            0.233_333_333_333_333_3,
            1.037_037_037_037_037,
            0.944_444_444_444_444_4,
        ],
    ];
    for (group, expected) in groups().iter().zip(expected) {
        let uniform = rwg_j(group, Null::Uniform).unwrap();
        let skewed = rwg_j(group, Null::SlightSkew).unwrap();
        near(nearest(&uniform.value), expected[0]);
        near(nearest(&skewed.value), expected[1]);
        assert_eq!(skewed.above_null, expected[1] == 0.0);
        near(nearest(&awg_j(group).unwrap()), expected[2]);
        near(nearest(&ad_mean(group).unwrap()), expected[3]);
        near(nearest(&ad_median(group).unwrap()), expected[4]);
    }
}

/// Every item's mean lies beyond (H(n − 1) + L)/n, and none at the end.
#[test]
fn agreement_near_the_end_of_the_scale_is_not_defined() {
    let rows = sums(4, &[&[4], &[4], &[3]]);
    assert_eq!(awg_j(&rows), Err(Reason::MeanOutOfRange));
}

/// R 4.2.2, multilevel 2.7: `ICC1(aov(rowMeans(x) ~ g))` .4593537198621981, `ICC2` .7926761522471512; the exact
/// fractions, and the variant with n₀, with Python's `fractions`.
#[test]
fn correlation_within_groups_equals_multilevel() {
    let scores = [
        [[0, 0, 4], [4, 4, 0], [0, 4, 4]].as_slice(),
        &[[3, 0, 3], [1, 2, 0], [3, 2, 3], [4, 4, 2], [1, 1, 3]],
        &[[4, 4, 4], [4, 3, 4], [4, 4, 3], [4, 4, 4]],
        &[[3, 2, 4], [0, 3, 2], [2, 1, 2], [2, 4, 4], [0, 2, 1], [2, 0, 1]],
    ]
    .map(|rows| {
        let sums: Vec<i64> = rows.iter().map(|row| row.iter().sum()).collect();
        GroupScores {
            n: sums.len() as u64,
            sum: ratio(sums.iter().sum::<i64>(), 3),
            squares: ratio(sums.iter().map(|sum| sum * sum).sum::<i64>(), 9),
        }
    });
    let icc = group_icc(&scores).unwrap();
    assert_eq!(icc.icc1, Ok(ratio(176_938, 385_189)));
    assert_eq!(icc.icc1_n0, Ok(ratio(88_469, 190_452)));
    assert_eq!(icc.icc2, Ok(ratio(88_469, 111_608)));
    near(nearest(&icc.icc1.unwrap()), 0.459_353_719_862_198_1);
    assert_eq!(group_icc(&scores[..1]), Err(Reason::TooFewGroups));
}
