//! Page objects: what a person can see and do on each page, and the only place that knows selectors.

mod coach;
mod coaching;
mod cohort;
mod data;
mod decision_map;
mod engagement;
mod export;
mod home;
mod ninety_days;
mod pair;
mod report;
mod review;
mod survey;

pub use coach::{Coach, Outcome};
pub use coaching::{Coaching, link_in};
pub use cohort::Cohort;
pub use data::Data;
pub use decision_map::DecisionMap;
pub use engagement::Engagement;
pub use export::Export;
pub use home::{Home, Intro};
pub use ninety_days::{ANOTHER_DAY, NinetyDays};
pub use pair::{InvitedRow, NOTE_DOWNLOADS, PairPart, Pairs};
pub use report::Report;
pub use review::Review;
pub use survey::{Next, Survey};
