//! One common factor by maximum likelihood: the correlations of k items are taken for
//! Σ = λλᵀ + Θ, with loadings λ and a diagonal Θ of unique variances θ, and λ and θ minimize
//! F = ½ (log|Σ| + tr(SΣ⁻¹)). Jöreskog (1967), Psychometrika 32; Lawley & Maxwell (1971), chapter 4.

use super::reason::Reason;

/// A unique variance below this share of its item's variance is on its way to 0.
const HEYWOOD: f64 = 1e-6;

/// A Newton step this small is the last: the next one would be its square.
const LAST_STEP: f64 = 1e-9;

/// F is not known better than this, so a rise by less is none.
const ROUNDING: f64 = 1e-12;

/// Curvature below this is none. Standardized items have Σ⁻¹ᵢᵢ ≥ 1, so that F is measured in ones.
const FLAT: f64 = 1e-10;

const MAX_STEPS: usize = 200;

/// One common factor of k standardized items.
pub(super) struct OneFactor {
    /// λ, k of them; which way the factor points is not determined.
    pub(super) loadings: Vec<f64>,
    /// θ, k of them, all positive.
    pub(super) uniquenesses: Vec<f64>,
}

impl OneFactor {
    /// The best fit to a k × k correlation matrix.
    ///
    /// Newton's method, with the expected curvature (Fisher's scoring) where F is not convex, and
    /// shorter steps where F would rise. Nothing but + − × ÷, `sqrt` and `libm::log`, in one order:
    /// the same bits on every machine.
    ///
    /// # Errors
    /// [`Reason::Heywood`] if a θ falls to 0, [`Reason::NoConvergence`] if there is no minimum that
    /// is one point.
    pub(super) fn fit(correlations: &[Vec<f64>]) -> Result<Self, Reason> {
        let mut model = Self::start(correlations);
        for _ in 0..MAX_STEPS {
            if model.uniquenesses.iter().any(|theta| *theta < HEYWOOD) {
                return Err(Reason::Heywood);
            }
            let at = Position::of(&model, correlations);
            let gradient = at.gradient();
            let newton = solve(&at.curvature(&at.weighted), &gradient);
            if let Some(step) = &newton
                && step.iter().all(|change| change.abs() < LAST_STEP)
            {
                return Ok(model.moved(step, 1.0));
            }
            let step = newton
                .or_else(|| solve(&at.curvature(&at.inverse), &gradient))
                .ok_or(Reason::NoConvergence)?;
            model = model.improved(&step, &at, correlations)?;
        }
        Err(Reason::NoConvergence)
    }

    /// The best fit with one θ for all items: Tipping & Bishop (1999), Journal of the Royal
    /// Statistical Society B 61. The first principal component is found by the power method, from
    /// the item that shares most.
    fn start(correlations: &[Vec<f64>]) -> Self {
        let square = |row: &[f64]| dot(row, row);
        let first = correlations.iter().max_by(|a, b| square(a).total_cmp(&square(b)));
        let mut axis = first.cloned().unwrap_or_default();
        let mut length = libm::sqrt(square(&axis));
        for _ in 0..20 {
            axis = product(correlations, &axis).iter().map(|value| value / length).collect();
            length = libm::sqrt(square(&axis));
        }
        // The image of a unit vector has the length of the first eigenvalue; all sum to k.
        let k = correlations.len() as f64;
        let uniqueness = (k - length) / (k - 1.0);
        let common = libm::sqrt((length - uniqueness).max(0.0));
        OneFactor {
            loadings: axis.iter().map(|value| value / length * common).collect(),
            uniquenesses: vec![uniqueness; correlations.len()],
        }
    }

    /// Some way along a step, as far as F falls and no θ loses more than nine tenths.
    fn improved(
        &self,
        step: &[f64],
        at: &Position,
        correlations: &[Vec<f64>],
    ) -> Result<Self, Reason> {
        let slope = dot(step, &at.gradient());
        let mut share = 1.0;
        while share > 1e-10 {
            let next = self.moved(step, share);
            let inside =
                next.uniquenesses.iter().zip(&self.uniquenesses).all(|(new, old)| *new > 0.1 * old);
            // A ten-thousandth of what the slope promises: Armijo's rule.
            if inside
                && Position::of(&next, correlations).f <= at.f - 1e-4 * share * slope + ROUNDING
            {
                return Ok(next);
            }
            share /= 2.0;
        }
        Err(Reason::NoConvergence)
    }

    /// Against a step in (λ, θ), by some share of it.
    fn moved(&self, step: &[f64], share: f64) -> Self {
        let (loadings, uniquenesses) = step.split_at(self.loadings.len());
        let against = |values: &[f64], step: &[f64]| {
            values.iter().zip(step).map(|(value, change)| value - share * change).collect()
        };
        OneFactor {
            loadings: against(&self.loadings, loadings),
            uniquenesses: against(&self.uniquenesses, uniquenesses),
        }
    }
}

/// What F and its derivatives are made of at one λ and θ.
struct Position<'a> {
    loadings: &'a [f64],
    f: f64,
    /// Σ⁻¹.
    inverse: Vec<Vec<f64>>,
    /// Σ⁻¹SΣ⁻¹.
    weighted: Vec<Vec<f64>>,
}

impl<'a> Position<'a> {
    /// Σ⁻¹ = Θ⁻¹ − vvᵀ/c with v = Θ⁻¹λ and c = 1 + λᵀv (Sherman & Morrison 1950), and |Σ| = c Πθ.
    fn of(model: &'a OneFactor, correlations: &[Vec<f64>]) -> Self {
        let OneFactor { loadings, uniquenesses } = model;
        let v: Vec<f64> = loadings.iter().zip(uniquenesses).map(|(l, theta)| l / theta).collect();
        let c = 1.0 + dot(loadings, &v);
        let s_v = product(correlations, &v);
        let v_s_v = dot(&v, &s_v);
        let (mut inverse, mut weighted) = (Vec::new(), Vec::new());
        let mut twice_f = libm::log(c);
        let items = || uniquenesses.iter().zip(&v).zip(&s_v);
        for (i, (row, ((theta, v_i), s_v_i))) in correlations.iter().zip(items()).enumerate() {
            let mut inverse_row: Vec<f64> = v.iter().map(|v_j| -(v_i * v_j) / c).collect();
            if let Some(diagonal) = inverse_row.get_mut(i) {
                *diagonal += 1.0 / theta;
            }
            let weighted_row = row.iter().zip(items()).map(|(r, ((theta_j, v_j), s_v_j))| {
                let mixed = v_i * (s_v_j / theta_j) + v_j * (s_v_i / theta);
                r / (theta * theta_j) - mixed / c + v_i * v_j * (v_s_v / (c * c))
            });
            weighted.push(weighted_row.collect());
            twice_f += libm::log(*theta) + dot(row, &inverse_row);
            inverse.push(inverse_row);
        }
        Position { loadings, f: twice_f / 2.0, inverse, weighted }
    }

    /// ∂F/∂(λ, θ): (Σ⁻¹ − Σ⁻¹SΣ⁻¹)λ, then half of that matrix's diagonal.
    fn gradient(&self) -> Vec<f64> {
        let rows = || self.inverse.iter().zip(&self.weighted);
        let loadings = rows().map(|(w, q)| dot(w, self.loadings) - dot(q, self.loadings));
        let uniquenesses = rows()
            .enumerate()
            .filter_map(|(i, (w, q))| w.get(i).zip(q.get(i)).map(|(w, q)| (w - q) / 2.0));
        loadings.chain(uniquenesses).collect()
    }

    /// The matrix of F's second derivatives; its expectation if `seen` is Σ⁻¹ in place of Σ⁻¹SΣ⁻¹.
    fn curvature(&self, seen: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let (u, q) = (product(&self.inverse, self.loadings), product(seen, self.loadings));
        let (c, d) = (dot(&u, self.loadings), dot(&q, self.loadings));
        let rows = || self.inverse.iter().zip(seen).zip(u.iter().zip(&q));
        let columns = || u.iter().zip(&q);
        let of_loading = rows().map(|((w_row, q_row), (u_i, q_i))| {
            let cells = || w_row.iter().zip(q_row).zip(columns());
            let loadings = cells().map(|((w, s), (u_j, q_j))| {
                w - s - u_i * u_j - c * w + u_j * q_i + u_i * q_j + c * s + d * w
            });
            let uniquenesses = cells().map(|((w, s), (u_j, q_j))| u_j * (s - w) + q_j * w);
            loadings.chain(uniquenesses).collect()
        });
        let of_uniqueness = rows().map(|((w_row, q_row), (u_i, q_i))| {
            let cells = || w_row.iter().zip(q_row);
            let loadings = cells().map(|(w, s)| u_i * (s - w) + q_i * w);
            let uniquenesses = cells().map(|(w, s)| w * s - w * w / 2.0);
            loadings.chain(uniquenesses).collect()
        });
        of_loading.chain(of_uniqueness).collect()
    }
}

/// x of Ax = b by Cholesky's method; none if A, symmetric, is not safely positive definite.
fn solve(a: &[Vec<f64>], b: &[f64]) -> Option<Vec<f64>> {
    // A = LLᵀ; `dot` ends with the shorter of its arguments, so that rows of L need not be cut.
    let mut lower: Vec<Vec<f64>> = Vec::with_capacity(a.len());
    for (i, row) in a.iter().enumerate() {
        let mut factors = Vec::with_capacity(i + 1);
        for (value, above) in row.iter().zip(&lower) {
            factors.push((value - dot(&factors, above)) / above.last()?);
        }
        let diagonal = row.get(i)?;
        let pivot = diagonal - dot(&factors, &factors);
        if pivot <= FLAT * diagonal.max(1.0) || pivot.is_nan() {
            return None;
        }
        factors.push(libm::sqrt(pivot));
        lower.push(factors);
    }
    let mut left = Vec::with_capacity(b.len());
    for (row, value) in lower.iter().zip(b) {
        left.push((value - dot(row, &left)) / row.last()?);
    }
    let mut solution = Vec::with_capacity(b.len());
    for row in lower.iter().rev() {
        let x = left.pop()? / row.last()?;
        for (value, factor) in left.iter_mut().zip(row) {
            *value -= factor * x;
        }
        solution.push(x);
    }
    solution.reverse();
    Some(solution)
}

fn product(matrix: &[Vec<f64>], vector: &[f64]) -> Vec<f64> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// Σ aᵢbᵢ over the shorter of both.
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
