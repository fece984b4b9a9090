//! Addresses. The route lives in the URL fragment, so that the app runs from any folder of any
//! static host; no other file spells a path.

use crate::state::SurveyKey;
use scoring::instrument::Rater;
use scoring::plan::WorksheetKind;

/// A place in the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// The list of instruments.
    Home,
    /// What an instrument is, before it starts.
    Intro {
        /// Instrument id.
        instrument: String,
        /// Instrument version.
        version: String,
    },
    /// A link that a coach sent, with the invitation that may follow it.
    Join {
        /// The link's token.
        link: String,
        /// The invitation's token.
        invitation: Option<String>,
    },
    /// A link that leads nowhere, and why.
    LinkFailed(&'static str),
    /// A cohort that was joined, by the slug of its link.
    Cohort(String),
    /// A survey in progress or finished.
    Survey(SurveyKey, Step),
    /// A page beside a participant's way.
    Aside(Aside),
    /// What Plumbline is.
    About,
    /// An address that leads nowhere.
    NotFound,
}

/// The address of a page beside a participant's way, for which the page is loaded anew with a larger
/// bundle. Only that bundle reads it any further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside(String);

/// A page beside a participant's way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AsidePage {
    /// Where files are added up.
    AddUp,
    /// The coach's cohorts.
    Cohorts,
    /// The form of a new cohort, or of another wave of the cohort whose link has this slug.
    NewCohort(Option<String>),
    /// A cohort: its link, its invitations, its files. The link's slug.
    Cohort(String),
    /// A leader and their manager side by side: the slug of the cohort's link, and the pair's id.
    Pair {
        /// The link's slug.
        slug: String,
        /// The pair's id.
        pair: String,
    },
    /// The coach's keys.
    Key,
    /// Everything kept on this device.
    Data,
    /// What a file says and what that proves.
    Verify,
    /// The worksheets on this device.
    Work,
    /// A leader's own survey on this device beside their manager's file.
    OwnPair(SurveyKey),
    /// The form of a new worksheet.
    NewWorksheet(WorksheetKind),
    /// A worksheet by its id, and a place in it, empty for its first page.
    Worksheet {
        /// Which kind.
        kind: WorksheetKind,
        /// Its id.
        id: String,
        /// The place.
        place: String,
    },
}

/// A place within a survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A screen of items, counted from 0 here and from 1 in addresses.
    Screen(usize),
    /// Unanswered items, before finishing.
    Review,
    /// The participant's own report.
    Report,
    /// Making the file.
    Export,
}

impl Route {
    /// The route of a URL fragment, with or without its `#`.
    #[must_use]
    pub fn parse(fragment: &str) -> Self {
        let path = fragment.trim_start_matches('#').trim_matches('/');
        let parts: Vec<&str> = path.split('/').collect();
        match parts.as_slice() {
            [""] => Route::Home,
            ["coach" | "data" | "verify" | "work", ..] => Route::Aside(Aside(path.to_owned())),
            ["about"] => Route::About,
            ["survey", instrument, version] if is_name(instrument) && is_name(version) => {
                Route::Intro {
                    instrument: (*instrument).to_owned(),
                    version: (*version).to_owned(),
                }
            }
            ["survey", survey @ ..] => Route::survey(None, survey),
            ["join", link] => Route::Join { link: (*link).to_owned(), invitation: None },
            ["join", link, invitation] => {
                Route::Join { link: (*link).to_owned(), invitation: Some((*invitation).to_owned()) }
            }
            ["cohort", slug] if is_slug(slug) => Route::Cohort((*slug).to_owned()),
            ["cohort", slug, survey @ ..] if is_slug(slug) => Route::survey(Some(slug), survey),
            _ => Route::NotFound,
        }
    }

    fn survey(cohort: Option<&str>, parts: &[&str]) -> Self {
        match parts {
            [instrument, version, rater, step] if is_name(instrument) && is_name(version) => {
                match (Rater::from_code(rater), Step::parse(step)) {
                    (Some(rater), Some(step)) => {
                        Route::Survey(SurveyKey::new(cohort, instrument, version, rater), step)
                    }
                    _ => Route::NotFound,
                }
            }
            _ => Route::NotFound,
        }
    }

    /// The page before a survey.
    #[must_use]
    pub fn before(key: &SurveyKey) -> Self {
        match &key.cohort {
            Some(slug) => Route::Cohort(slug.clone()),
            None => {
                Route::Intro { instrument: key.instrument.clone(), version: key.version.clone() }
            }
        }
    }

    /// The fragment of this route, to be used as a link.
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Route::Home | Route::NotFound | Route::LinkFailed(_) => "#/".to_owned(),
            Route::Join { .. } => "#/join".to_owned(),
            Route::Cohort(slug) => format!("#/cohort/{slug}"),
            Route::Aside(Aside(path)) => format!("#/{path}"),
            Route::About => "#/about".to_owned(),
            Route::Intro { instrument, version } => format!("#/survey/{instrument}/{version}"),
            Route::Survey(SurveyKey { cohort, instrument, version, rater }, step) => {
                let from = match cohort {
                    Some(slug) => format!("cohort/{slug}"),
                    None => "survey".to_owned(),
                };
                format!("#/{from}/{instrument}/{version}/{}/{}", rater.code(), step.segment())
            }
        }
    }
}

impl Route {
    /// Where coaches begin.
    #[must_use]
    pub fn coach() -> Self {
        Route::Aside(Aside("coach".to_owned()))
    }

    /// Everything kept on this device.
    #[must_use]
    pub fn data() -> Self {
        Route::Aside(Aside("data".to_owned()))
    }

    /// Where a file or a link is checked.
    #[must_use]
    pub fn verify() -> Self {
        Route::Aside(Aside("verify".to_owned()))
    }

    /// The form of a new plan of ninety days.
    #[must_use]
    pub fn new_plan() -> Self {
        Route::Aside(Aside("work/plan/new".to_owned()))
    }

    /// The worksheets on this device.
    #[must_use]
    pub fn work() -> Self {
        Route::Aside(Aside("work".to_owned()))
    }

    /// A leader's own survey beside their manager's file.
    #[must_use]
    pub fn own_pair(key: &SurveyKey) -> Self {
        let of = key.prefix();
        Route::Aside(Aside(format!("work/pair/{}", of.trim_end_matches('/'))))
    }
}

impl Aside {
    /// The page of this address.
    #[must_use]
    pub fn page(&self) -> Option<AsidePage> {
        let parts: Vec<&str> = self.0.split('/').collect();
        match parts.as_slice() {
            ["coach"] => Some(AsidePage::AddUp),
            ["coach", "cohorts"] => Some(AsidePage::Cohorts),
            ["coach", "cohorts", "new"] => Some(AsidePage::NewCohort(None)),
            ["coach", "cohorts", "new", slug] => {
                Some(AsidePage::NewCohort(Some((*slug).to_owned())))
            }
            ["coach", "cohorts", slug] => Some(AsidePage::Cohort((*slug).to_owned())),
            ["coach", "cohorts", slug, "pair", pair] => {
                Some(AsidePage::Pair { slug: (*slug).to_owned(), pair: (*pair).to_owned() })
            }
            ["coach", "key"] => Some(AsidePage::Key),
            ["data"] => Some(AsidePage::Data),
            ["verify"] => Some(AsidePage::Verify),
            ["work"] => Some(AsidePage::Work),
            ["work", "pair", survey @ ..] => own_pair(survey),
            ["work", kind, "new"] => Some(AsidePage::NewWorksheet(kind_of(kind)?)),
            ["work", kind, id] => AsidePage::worksheet(kind, id, ""),
            ["work", kind, id, place] => AsidePage::worksheet(kind, id, place),
            _ => None,
        }
    }
}

impl AsidePage {
    /// The fragment of this page, to be used as a link.
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            AsidePage::AddUp => "#/coach".to_owned(),
            AsidePage::Cohorts => "#/coach/cohorts".to_owned(),
            AsidePage::NewCohort(None) => "#/coach/cohorts/new".to_owned(),
            AsidePage::NewCohort(Some(slug)) => format!("#/coach/cohorts/new/{slug}"),
            AsidePage::Cohort(slug) => format!("#/coach/cohorts/{slug}"),
            AsidePage::Pair { slug, pair } => format!("#/coach/cohorts/{slug}/pair/{pair}"),
            AsidePage::Key => "#/coach/key".to_owned(),
            AsidePage::Data => "#/data".to_owned(),
            AsidePage::Verify => "#/verify".to_owned(),
            AsidePage::Work => "#/work".to_owned(),
            AsidePage::OwnPair(key) => Route::own_pair(key).href(),
            AsidePage::NewWorksheet(kind) => format!("#/work/{}/new", segment(*kind)),
            AsidePage::Worksheet { kind, id, place } => {
                let place = if place.is_empty() { String::new() } else { format!("/{place}") };
                format!("#/work/{}/{id}{place}", segment(*kind))
            }
        }
    }

    fn worksheet(kind: &str, id: &str, place: &str) -> Option<Self> {
        let (kind, id, place) = (kind_of(kind)?, id.to_owned(), place.to_owned());
        is_slug(&id).then_some(AsidePage::Worksheet { kind, id, place })
    }
}

/// The whole address that a participant opens: of the app at `base`, with the link's token and, where
/// they are invited one by one, the invitation's.
#[must_use]
pub fn join_address(base: &str, link: &str, invitation: Option<&str>) -> String {
    let invitation = invitation.map(|token| format!("/{token}")).unwrap_or_default();
    format!("{base}#/join/{link}{invitation}")
}

/// Instrument ids and versions go into file addresses: nothing that could leave their folder.
fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    !text.is_empty() && text.len() <= 64 && text.chars().all(allowed) && !text.contains("..")
}

/// The page of a leader's own survey and their manager's file.
fn own_pair(survey: &[&str]) -> Option<AsidePage> {
    let path = format!("{}/", survey.join("/"));
    let (key, _) = SurveyKey::of_entry(&path)?;
    let is_fit = is_name(&key.instrument) && is_name(&key.version);
    let is_here = key.cohort.as_deref().is_none_or(is_slug) && key.rater == Rater::Own;
    (is_fit && is_here).then_some(AsidePage::OwnPair(key))
}

/// The kind and the page of the worksheet that an entry on the device holds.
#[must_use]
pub fn worksheet(entry: &str) -> Option<(WorksheetKind, AsidePage)> {
    let (code, id) = entry.strip_prefix("work/")?.split_once('/')?;
    let kind = WorksheetKind::ALL.into_iter().find(|kind| kind.code() == code)?;
    let page = || AsidePage::Worksheet { kind, id: id.to_owned(), place: String::new() };
    is_slug(id).then(|| (kind, page()))
}

/// How a kind of worksheet is called in addresses.
fn segment(kind: WorksheetKind) -> &'static str {
    match kind {
        WorksheetKind::NinetyDays => "plan",
        WorksheetKind::DecisionMap => "map",
        WorksheetKind::Engagement => "engagement",
    }
}

fn kind_of(found: &str) -> Option<WorksheetKind> {
    WorksheetKind::ALL.into_iter().find(|kind| segment(*kind) == found)
}

/// Slugs name entries on the device: 128 bits in base64url, such as half of a link's digest or a worksheet's id.
fn is_slug(text: &str) -> bool {
    text.len() == 22 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

impl Step {
    fn parse(segment: &str) -> Option<Self> {
        match segment {
            "review" => Some(Step::Review),
            "report" => Some(Step::Report),
            "export" => Some(Step::Export),
            number => number.parse::<usize>().ok()?.checked_sub(1).map(Step::Screen),
        }
    }

    fn segment(self) -> String {
        match self {
            Step::Screen(screen) => (screen + 1).to_string(),
            Step::Review => "review".to_owned(),
            Step::Report => "report".to_owned(),
            Step::Export => "export".to_owned(),
        }
    }
}

/// Where the files of an instrument lie, relative to the page.
#[must_use]
pub fn instrument_file(instrument: &str, version: &str, file: &str) -> String {
    format!("instruments/{instrument}/{version}/{file}")
}

/// Where the files of a kind of worksheet lie, relative to the page.
#[must_use]
pub fn worksheet_file(kind: WorksheetKind, version: &str, file: &str) -> String {
    format!("worksheets/{}/{version}/{file}", kind.code())
}

/// The list of published instruments.
pub const INSTRUMENT_INDEX: &str = "instruments/index.json";

/// A decision map to start from.
pub const EXAMPLE_MAP: &str = "worksheets/decision_map/example.en.json";

/// A file of interface texts.
#[must_use]
pub fn locale_file(name: &str) -> String {
    format!("locales/{name}.json")
}

/// The worker's script.
pub const ENGINE: &str = "engine_loader.js";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_leads_where_it_says() {
        let slug = "AAAAAAAAAAAAAAAAAAAA_-";
        let steps = [Step::Screen(0), Step::Screen(6), Step::Review, Step::Report, Step::Export];
        let surveys = [None, Some(slug)].into_iter().flat_map(|cohort| {
            let key = SurveyKey::new(cohort, "ops", "1.0", Rater::Own);
            steps.map(|step| Route::Survey(key.clone(), step))
        });
        let cohort = Route::Cohort(slug.to_owned());
        let intro = Route::Intro { instrument: "ops".to_owned(), version: "1.0".to_owned() };
        for route in [Route::Home, Route::About, intro, cohort].into_iter().chain(surveys) {
            assert_eq!(Route::parse(&route.href()), route);
        }
    }

    #[test]
    fn every_page_aside_is_where_its_link_says() {
        let of = |fragment: &str| match Route::parse(fragment) {
            Route::Aside(aside) => aside.page(),
            _ => None,
        };
        let slug = "c2x1ZyBvZiBhIGxpbms-_w".to_owned();
        let id = slug.clone();
        let worksheet = |place: &str| AsidePage::Worksheet {
            kind: WorksheetKind::DecisionMap,
            id: id.clone(),
            place: place.to_owned(),
        };
        for page in [
            AsidePage::AddUp,
            AsidePage::Cohorts,
            AsidePage::NewCohort(None),
            AsidePage::NewCohort(Some(slug.clone())),
            AsidePage::Cohort(slug),
            AsidePage::Pair { slug: id.clone(), pair: id.clone() },
            AsidePage::Key,
            AsidePage::Data,
            AsidePage::Verify,
            AsidePage::Work,
            AsidePage::OwnPair(SurveyKey::new(None, "leader_180", "1.0", Rater::Own)),
            AsidePage::OwnPair(SurveyKey::new(Some(&id), "leader_180", "1.0", Rater::Own)),
            AsidePage::NewWorksheet(WorksheetKind::NinetyDays),
            worksheet(""),
            worksheet("verdict"),
        ] {
            assert_eq!(of(&page.href()), Some(page));
        }
        for (route, page) in [
            (Route::coach(), AsidePage::AddUp),
            (Route::data(), AsidePage::Data),
            (Route::verify(), AsidePage::Verify),
            (Route::work(), AsidePage::Work),
            (Route::new_plan(), AsidePage::NewWorksheet(WorksheetKind::NinetyDays)),
        ] {
            assert_eq!(of(&route.href()), Some(page));
        }
        assert_eq!(of("#/coach/elsewhere"), None);
        assert_eq!(of("#/work/plan/short"), None);
        assert_eq!(of("#/work/elsewhere/new"), None);
        assert_eq!(of("#/work/pair/leader_180/1.0/manager"), None);
        assert_eq!(of("#/work/pair/../1.0/self"), None);
    }

    #[test]
    fn a_crafted_address_leaves_no_folder() {
        for fragment in [
            "#/survey/../1.0",
            "#/survey/ops/..",
            "#/survey/a%2fb/1",
            "#/survey/ops/1.0/self/0",
            "#/cohort/../ops",
            "#/cohort/ops/1.0/self/1",
            "#/x",
        ] {
            assert_eq!(Route::parse(fragment), Route::NotFound, "{fragment}");
        }
    }
}
