//! Who is invited as a pair, as a coach types it or pastes it from a spreadsheet. Names stay where they are typed:
//! links and results hold a pair's random id.

use crate::cohort::is_shown;
use crate::plan::is_id;
use crate::table::{RecordFault, Records};
use csv::{ByteRecord, ReaderBuilder, Writer};
use std::fmt;

/// Most pairs that are invited at once.
pub const MAX_PAIRS: usize = 1000;

/// Most characters of a name.
pub const MAX_NAME_CHARS: usize = 80;

/// A leader and their manager by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The leader.
    pub leader: String,
    /// The leader's manager.
    pub manager: String,
}

/// A line that is not two names, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {0} is not a leader's and a manager's name")]
pub struct NamesFault(pub u64);

/// Reads one pair a line: two names, divided by commas, semicolons or tabs, as the first line is. A heading
/// `leader, manager` is passed over.
///
/// ```
/// use scoring::pair::{NamesFault, read_names};
/// let names = read_names("leader;manager\nAnn Lee;Bo Ray\n").unwrap();
/// assert_eq!((names[0].leader.as_str(), names[0].manager.as_str()), ("Ann Lee", "Bo Ray"));
/// assert_eq!(read_names("Ann Lee, Bo Ray\nCy Moe"), Err(NamesFault(2)));
/// ```
///
/// # Errors
/// The first line that is something else.
pub fn read_names(text: &str) -> Result<Vec<Names>, NamesFault> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let delimiter = ['\t', ';'].into_iter().find(|mark| first.contains(*mark)).unwrap_or(',');
    let unclosed = |fault: RecordFault| match fault {
        RecordFault::Unclosed(line) => NamesFault(line),
        RecordFault::Read(_) => NamesFault(1),
    };
    let mut rows = Records::new(text.as_bytes(), delimiter as u8, 1).map_err(unclosed)?;
    let (mut row, mut names) = (ByteRecord::new(), Vec::new());
    while let Some(line) = rows.read(&mut row).map_err(unclosed)? {
        let cells = row.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned());
        let cells: Vec<String> = cells.collect();
        let is_name = |cell: &str| is_shown(cell, MAX_NAME_CHARS);
        let is_heading = |cell: &str, name: &str| cell.eq_ignore_ascii_case(name);
        match cells.as_slice() {
            [leader, manager]
                if names.is_empty()
                    && is_heading(leader, "leader")
                    && is_heading(manager, "manager") => {}
            [leader, manager] if is_name(leader) && is_name(manager) && names.len() < MAX_PAIRS => {
                names.push(Names { leader: leader.clone(), manager: manager.clone() });
            }
            _ => return Err(NamesFault(line)),
        }
    }
    Ok(names)
}

/// A pair with a link for each of both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitedPair {
    /// Who they are.
    pub names: Names,
    /// The pair's id.
    pub pair: String,
    /// The leader's link.
    pub leader_link: String,
    /// The manager's link.
    pub manager_link: String,
}

/// The table to send links from, and to tell pairs by later.
#[must_use]
pub fn invited_csv(pairs: &[InvitedPair]) -> String {
    let mut table = Writer::from_writer(Vec::new());
    let rows = pairs.iter().map(|InvitedPair { names, pair, leader_link, manager_link }| {
        [&names.leader, &names.manager, pair, leader_link, manager_link].map(String::as_str)
    });
    let head = ["leader", "manager", "pair", "leader_link", "manager_link"];
    for row in [head].into_iter().chain(rows) {
        // Memory takes whatever is written.
        let _ = table.write_record(row);
    }
    String::from_utf8(table.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// Names of pairs by their ids, from [`invited_csv`], as a spreadsheet may have saved it again: with semicolons, or
/// without the links.
///
/// # Errors
/// The first line that is something else.
pub fn names_by_pair(table: &str) -> Result<Vec<(String, Names)>, NamesFault> {
    let table = table.trim_start_matches('\u{feff}');
    let head = table.lines().next().unwrap_or_default();
    let delimiter = if head.contains(';') { b';' } else { b',' };
    let mut rows = ReaderBuilder::new();
    let rows = rows.has_headers(false).delimiter(delimiter).flexible(true);
    let mut names = Vec::new();
    for (line, row) in (1..).zip(rows.from_reader(table.as_bytes()).records()) {
        let row = row.map_err(|_| NamesFault(line))?;
        let cells: Vec<&str> = row.iter().take(3).collect();
        match cells.as_slice() {
            ["leader", "manager", "pair"] if line == 1 => {}
            [leader, manager, pair]
                if line > 1
                    && is_id(pair)
                    && [leader, manager].iter().all(|name| is_shown(name, MAX_NAME_CHARS)) =>
            {
                let [leader, manager, pair] =
                    [leader, manager, pair].map(|cell| (*cell).to_owned());
                names.push((pair, Names { leader, manager }));
            }
            _ => return Err(NamesFault(line)),
        }
    }
    Ok(names)
}

impl fmt::Display for Names {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} · {}", self.leader, self.manager)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_pasted() {
        let check = |text: &str, expected: Result<&[(&str, &str)], u64>| {
            let names = |leader: &str, manager: &str| Names {
                leader: leader.to_owned(),
                manager: manager.to_owned(),
            };
            let expected = expected
                .map(|rows| rows.iter().map(|(l, m)| names(l, m)).collect::<Vec<_>>())
                .map_err(NamesFault);
            assert_eq!(read_names(text), expected, "{text:?}");
        };
        check("", Ok(&[]));
        check("\n\nAnn,Bo\r\n\r\nCy , Di\n", Ok(&[("Ann", "Bo"), ("Cy", "Di")]));
        check("Leader\tManager\nLee, Ann\tRay, Bo", Ok(&[("Lee, Ann", "Ray, Bo")]));
        check("\"Lee, Ann\",Bo", Ok(&[("Lee, Ann", "Bo")]));
        check("Ann", Err(1));
        check("Ann,Bo\nCy,", Err(2));
        check("Ann,Bo\n\nCy,Di,Ed", Err(3));
    }

    #[test]
    fn a_table_of_links_names_its_pairs() {
        let names = Names { leader: "Lee, \"Ann\"".to_owned(), manager: "Bo".to_owned() };
        let id = "AAAAAAAAAAAAAAAAAAAAAQ".to_owned();
        let pair = InvitedPair {
            names: names.clone(),
            pair: id.clone(),
            leader_link: "a".to_owned(),
            manager_link: "b".to_owned(),
        };
        let table = invited_csv(&[pair]);
        let named = Ok(vec![(id.clone(), names)]);
        assert_eq!(names_by_pair(&table), named);
        assert_eq!(
            names_by_pair(&format!("\u{feff}{}", table.replace(',', ";").replace("Lee;", "Lee,"))),
            named
        );
        let fault = |table: &str| names_by_pair(table).unwrap_err().0;
        assert_eq!(fault(&format!("Ann,Bo,{id}\n")), 1);
        assert_eq!(fault(&format!("leader,manager,pair\nAnn,Bo,{id}\nAnn,Bo\n")), 3);
        assert_eq!(fault("leader,manager,pair\nAnn,Bo,7\n"), 2);
        assert_eq!(fault(&format!("leader,manager,pair\n,Bo,{id}\n")), 2);
    }
}
