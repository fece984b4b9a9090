//! Cohorts: the link that invites one, the import of its results, and a report that is fair to small
//! groups.
//!
//! [`LinkClaims`] say what a coach asks for; [`VerifiedLink`] is a link that was read back.
//! [`Import`] decides what counts; its verdict on a file does not depend on the order in which
//! files arrive. [`reports`] turns what counts into one report per instrument, version and rater.

mod change;
mod export;
mod gaps;
mod import;
mod invitation;
mod ledger;
mod link;
mod publish;
mod release;
mod report;
mod suppress;

pub use change::{Change, ChangeEstimate, ChangeRow};
pub use export::report_csv;
pub use gaps::{GapEstimate, GapRow, Gaps};
pub use import::{Import, Outcome, Status};
pub use invitation::{Invitation, InvitationFault, MAX_INVITATION_CHARS, Seat};
pub use ledger::{FewAsked, Isolates, Ledger, LedgerFault, Released, ReportFault, Roster};
pub use link::{
    Asked, Delivery, LinkClaims, LinkCut, LinkFault, MAX_COACH_CHARS, MAX_CUT_OPTION_CHARS,
    MAX_CUT_OPTIONS, MAX_CUT_TITLE_CHARS, MAX_CUTS, MAX_LINK_CHARS, MAX_TITLE_CHARS,
    MAX_WAVE_CHARS, VerifiedLink, is_folder, is_origin, is_shown, link_tokens,
};
pub use publish::{GroupReport, GroupReportFault, MAX_REPORT_BYTES};
pub use release::{Release, ReleasedItem, ReleasedSet};
pub use report::{
    CohortName, CommentList, Cut, CutGroup, CutTexts, Estimate, ItemRow, Outcomes, Quality, Report,
    ScaleRow, Told, WithoutSuspects, reports, tally_reports,
};
pub use suppress::isolates;
