//! Cohorts that this device has joined by a link.

use litemap::LiteMap;
use scoring::cohort::{Invitation, LinkFault, Seat, VerifiedLink};
use scoring::participant;
use scoring::result::Membership;
use serde_json::{Value, json};

/// What the keys of all cohorts' entries begin with, after the app's own prefix.
pub const COHORTS: &str = "cohort/";

/// What the keys of one cohort's entries begin with, after the app's own prefix.
#[must_use]
pub fn cohort_prefix(slug: &str) -> String {
    format!("{COHORTS}{slug}/")
}

/// A cohort that was joined: its link, and what came with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    /// The link.
    pub link: VerifiedLink,
    /// The invitation, if one came along.
    pub invitation: Option<String>,
    /// The place in a pair that it is an invitation to.
    pub seat: Option<Seat>,
    /// Chosen options of the coach's own questions, counted from 1.
    pub cuts: LiteMap<String, i64>,
}

impl Joined {
    /// Follows a link.
    ///
    /// # Errors
    /// The code of the first fault, which is also the key of its texts.
    pub fn follow(token: &str, invitation: Option<&str>) -> Result<Self, &'static str> {
        let link = VerifiedLink::verify(token).map_err(|fault: LinkFault| fault.code())?;
        let seat = match invitation.map(|token| Invitation::verify(token, &link)) {
            Some(Ok(invitation)) => invitation.seat().cloned(),
            None if !link.claims().invitation => None,
            _ => return Err("link_invitation"),
        };
        Ok(Joined { link, invitation: invitation.map(str::to_owned), seat, cuts: LiteMap::new() })
    }

    /// Reads the entries of a cohort. They are as untrusted as a link is, and verified like one.
    #[must_use]
    pub fn from_entries(entries: &LiteMap<String, Value>) -> Option<Self> {
        let text = |name: &str| entries.get("link")?.get(name)?.as_str();
        let mut joined = Joined::follow(text("token")?, text("invitation")).ok()?;
        for (key, value) in entries {
            if let (Some(cut), Some(option)) = (key.strip_prefix("cuts/"), value.as_i64())
                && joined.link.claims().offers(cut, option)
            {
                joined.cuts.insert(cut.to_owned(), option);
            }
        }
        Some(joined)
    }

    /// The entry that keeps the link: its key within the cohort, and its value.
    #[must_use]
    pub fn entry(&self) -> (String, Value) {
        let key = format!("{}link", cohort_prefix(&self.link.slug()));
        (key, json!({"token": self.link.token(), "invitation": self.invitation}))
    }

    /// The slot of the participant's key.
    #[must_use]
    pub fn slot(&self) -> String {
        participant::slot(Some((self.link.kid(), &self.link.claims().id)))
    }

    /// What a result says of it.
    #[must_use]
    pub fn membership(self) -> Membership {
        let Joined { link, invitation, cuts, .. } = self;
        Membership { link, invitation, cuts }
    }
}
