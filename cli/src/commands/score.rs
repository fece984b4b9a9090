//! `plumbline score`: one person's scores, and what the instrument's rules say about them.

use crate::Finding;
use crate::catalog::{Catalog, Entry};
use crate::commands::verify::write_advice;
use crate::failure::Failure;
use crate::files::{self, Content};
use crate::known::Known;
use crate::output::{Output, Table, printable};
use crate::sheet::PlainSheet;
use crate::texts::{Texts, UNREADABLE};
use clap::ValueEnum;
use num_rational::Rational64;
use scoring::answers::AnswerSheet;
use scoring::instrument::{Item, ItemKind, ScaleDefinition, Wording};
use scoring::jose::EnvelopeFault;
use scoring::json;
use scoring::result::{Reader, Refusal, VerifiedResult};
use scoring::score::{
    Evidence, Fired, Interpretation, ScaleScore, Scores, Verdict, band, interpret, score,
};
use scoring::stats::{Interval, decimal, wilson};
use serde_json::{Value, json};
use std::io::Write;
use std::path::PathBuf;

/// Score one person's answers: scales, verdict, patterns and focus areas, with their reasons
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A file is either a signed result, which is verified first, or a plain unsigned sheet:

  {\"instrument\": \"ops\", \"version\": \"1.0\", \"rater\": \"self\", \"lang\": \"en\",
   \"answers\": {\"strategy_internal_1\": 4, \"strategy_internal_2\": \"na\", \"role_level\": null},
   \"rankings\": {}, \"texts\": {}}

A number is the code of an option as it was chosen (not reversed), \"na\" is \"don't know / not applicable\",
null is skipped. Only instrument and answers are needed; a question that is left out counts as skipped.
Ids of questions are in the instrument's definition.json.

JSON output is an array with one object a file. \"pomp\" is the score from 0 to 100 as it is printed, or null
with \"pomp_reason\".

Examples:
  plumbline score ops-1.result.jws.json
  plumbline score ops-1.result.jwe.json --link team.link --key team.key.jwe.json
  plumbline score sheet.json --format json
  echo '{\"instrument\":\"five_factor_demo\",\"answers\":{\"A1\":2,\"A2\":5,\"A3\":4,\"A4\":6}}' | plumbline score -

Exit codes: 0 all were scored, 1 one was refused, 2 a path could not be read.")]
pub struct Args {
    /// Files, folders (their .json and .jsonl files, and those below), or - for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// How to print the scores
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    known: Known,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables and sentences
    Text,
    /// An array with one object a file
    Json,
}

/// Carries the command out.
pub fn run(args: &Args, catalog: &Catalog, out: &mut Output) -> Result<Finding, Failure> {
    let reader = args.known.reader(catalog)?;
    let mut any_refused = false;
    let mut n_documents = 0_usize;
    let mut failure = None;
    files::read(&args.files, "scored", |document| {
        let scored = match document.content {
            Content::Bytes(bytes) => read_document(&bytes, catalog, &reader),
            Content::TooLarge => Err(Refused::from(Refusal::from(EnvelopeFault::TooLarge))),
            Content::Unreadable(reason) => Err(Refused {
                code: UNREADABLE,
                message: format!("the file could not be read: {reason}"),
            }),
        };
        any_refused |= scored.is_err();
        let written = match (args.format, &scored) {
            (Format::Text, Ok(scored)) => scored.write_text(&document.name, n_documents > 0, out),
            (Format::Text, Err(refused)) => refused.write_text(&document.name, out),
            (Format::Json, Ok(scored)) => {
                write_element(&scored.to_json(&document.name), n_documents, out)
            }
            (Format::Json, Err(refused)) => {
                write_element(&refused.to_json(&document.name), n_documents, out)
            }
        };
        n_documents += 1;
        if let Err(error) = written {
            failure.get_or_insert(error);
        }
    })?;
    if let Some(failure) = failure {
        return Err(failure);
    }
    if args.format == Format::Json {
        writeln!(out, "{}", if n_documents == 0 { "[]" } else { "\n]" })?;
    }
    Ok(Finding::problems_if(any_refused))
}

fn write_element(element: &Value, n_before: usize, out: &mut Output) -> Result<(), Failure> {
    let before = if n_before == 0 { "[\n" } else { ",\n" };
    let text = serde_json::to_string_pretty(element).map_err(std::io::Error::from)?;
    write!(out, "{before}{text}")?;
    Ok(())
}

/// Why a file was not scored.
struct Refused {
    code: &'static str,
    message: String,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Refused { code: refusal.code(), message: refusal.to_string() }
    }
}

impl Refused {
    fn write_text(&self, file: &str, out: &mut Output) -> Result<(), Failure> {
        let Refused { code, message } = self;
        writeln!(out, "rejected   {}: {} ({code})", printable(file), printable(message))?;
        write_advice(&Texts::english(), code, out)
    }

    fn to_json(&self, file: &str) -> Value {
        json!({"file": file, "status": "rejected", "code": self.code, "message": self.message})
    }
}

/// Answers with all that can be said about them.
struct Scored<'a> {
    entry: &'a Entry,
    language: String,
    sheet: AnswerSheet,
    scores: Scores,
    interpretation: Interpretation,
    /// The signed file, if it was one.
    signed: Option<VerifiedResult>,
}

fn read_document<'a>(
    bytes: &[u8],
    catalog: &'a Catalog,
    reader: &Reader,
) -> Result<Scored<'a>, Refused> {
    let plain = json::parse(bytes).ok().filter(PlainSheet::is_meant);
    let (entry, language, sheet, signed) = match plain {
        Some(value) => {
            let plain = PlainSheet::from_json(&value)?;
            let entry = known(catalog, &plain.instrument, plain.version.as_deref())?;
            let language = plain.language.clone().unwrap_or_default();
            (entry, language, plain.complete(&entry.instrument)?, None)
        }
        None => {
            let result = reader.verify(bytes)?;
            let survey = &result.claims().survey;
            let entry = known(catalog, &survey.instrument, Some(&survey.version))?;
            (entry, survey.lang.clone(), survey.sheet.clone(), Some(result))
        }
    };
    let scores = score(&entry.instrument, &sheet);
    let interpretation = interpret(&entry.instrument, &sheet, &scores);
    Ok(Scored { entry, language, sheet, scores, interpretation, signed })
}

fn known<'a>(catalog: &'a Catalog, id: &str, version: Option<&str>) -> Result<&'a Entry, Refusal> {
    catalog.find(id, version).ok_or_else(|| match version {
        Some(version) if catalog.find(id, None).is_some() => {
            Refusal::UnknownVersion { id: id.to_owned(), version: version.to_owned() }
        }
        _ => Refusal::UnknownInstrument(id.to_owned()),
    })
}

/// Stable reason for a scale without a score.
const TOO_FEW: &str = "too_few_answered";

impl Scored<'_> {
    fn scales(&self) -> impl Iterator<Item = (&ScaleDefinition, &ScaleScore)> {
        let scales = self.entry.instrument.definition().scales.iter();
        scales.filter_map(|scale| Some((scale, self.scores.get(&scale.id)?)))
    }

    fn to_json(&self, file: &str) -> Value {
        let definition = self.entry.instrument.definition();
        let scales: Vec<Value> = self
            .scales()
            .map(|(scale, score)| {
                let mut row = json!({
                    "id": scale.id,
                    "group": scale.group,
                    "n_answered": score.n_answered,
                    "n_items": score.n_items,
                    "min_answered": score.min_answered,
                    "sum": score.sum,
                    "mean": score.mean().map(|mean| decimal(mean, 2)),
                    "pomp": score.pomp().map(|pomp| decimal(pomp, 1)),
                    "band": score.pomp().and_then(|pomp| band(scale, pomp)),
                    "favourable": favourable(score).map(|(percent, ends)| json!({
                        "n": score.n_favourable,
                        "percent": percent,
                        "ci95": [per_cent(ends.low), per_cent(ends.high)],
                    })),
                });
                if let (Some(row), false) = (row.as_object_mut(), score.is_scored()) {
                    row.insert("pomp_reason".to_owned(), json!(TOO_FEW));
                }
                row
            })
            .collect();
        let Interpretation { verdict, gates, patterns, levers, focus, recommendations } =
            &self.interpretation;
        let list = |fired: &[Fired]| fired.iter().map(fired_json).collect::<Vec<_>>();
        json!({
            "file": file,
            "status": "scored",
            "signed": self.signed.is_some(),
            "claimed_scores_differ": self.signed.as_ref().map(VerifiedResult::scores_differ),
            "instrument": {
                "id": definition.id,
                "version": definition.version,
                "sha256": self.entry.instrument.sha256_hex(),
            },
            "rater": self.sheet.rater.code(),
            "scales": scales,
            "verdict": verdict.as_ref().map(|verdict| match verdict {
                Verdict::Reached(fired) => fired_json(fired),
                Verdict::Undetermined { scales, items, .. } => {
                    json!({"rule": null, "missing_scales": scales, "missing_items": items})
                }
            }),
            "gates": list(gates),
            "patterns": list(patterns),
            "levers": list(levers),
            "focus": list(focus),
            "recommendations": list(recommendations),
        })
    }

    fn write_text(&self, file: &str, is_next: bool, out: &mut Output) -> Result<(), Failure> {
        let wording = self.entry.wording(&self.language)?;
        let page = Page { scored: self, wording };
        if is_next {
            writeln!(out)?;
        }
        page.write(file, out)
    }
}

/// Percent favourable of the answered items as printed, with Wilson's interval.
fn favourable(score: &ScaleScore) -> Option<(String, Interval)> {
    let interval = wilson(score.n_favourable as u64, score.n_answered as u64)?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let share = Rational64::new(100 * count(score.n_favourable), count(score.n_answered));
    Some((decimal(share, 1), interval))
}

fn per_cent(share: f64) -> String {
    format!("{:.1}", 100.0 * share)
}

fn fired_json(fired: &Fired) -> Value {
    let because = fired.because.iter().map(|evidence| match evidence {
        Evidence::Below { scale, pomp, threshold } => {
            json!({"type": "below", "scale": scale, "pomp": decimal(*pomp, 1), "threshold": threshold})
        }
        Evidence::AtLeast { scale, pomp, threshold } => {
            json!({"type": "at_least", "scale": scale, "pomp": decimal(*pomp, 1), "threshold": threshold})
        }
        Evidence::AmongLowest { scale, pomp, among } => {
            json!({"type": "among_lowest", "scale": scale, "pomp": decimal(*pomp, 1), "among": among})
        }
        Evidence::Answered { item, code } => json!({"type": "answered", "item": item, "code": code}),
    });
    json!({"rule": fired.rule, "because": because.collect::<Vec<_>>()})
}

/// Scored answers with the words of one language.
struct Page<'a> {
    scored: &'a Scored<'a>,
    wording: Wording,
}

impl Page<'_> {
    fn write(&self, file: &str, out: &mut Output) -> Result<(), Failure> {
        let Scored { entry, sheet, interpretation, signed, .. } = self.scored;
        let definition = entry.instrument.definition();
        let origin = match signed {
            Some(_) => "signature valid; it shows no identity, only that nothing was changed",
            None => "not signed",
        };
        writeln!(out, "{} {}", self.wording.text("title"), definition.version)?;
        writeln!(out, "{}, rater {} ({origin})\n", printable(file), sheet.rater.code())?;
        self.write_scales(out)?;
        match &interpretation.verdict {
            None => {}
            Some(Verdict::Reached(fired)) => self.write_rules("Verdict", &[fired], out)?,
            Some(Verdict::Undetermined { scales, items, .. }) => {
                writeln!(out, "Verdict\n  It cannot be given yet. Still missing:")?;
                for scale in scales {
                    writeln!(out, "  - a score for {}", self.wording.scale_name(scale))?;
                }
                for item in items {
                    writeln!(out, "  - an answer to \"{}\"", self.item(item))?;
                }
                writeln!(out)?;
            }
        }
        for (title, rules) in [
            ("To settle first", &interpretation.gates),
            ("Patterns", &interpretation.patterns),
            ("Skill or setting", &interpretation.levers),
            ("Focus areas", &interpretation.focus),
            ("Recommendations", &interpretation.recommendations),
        ] {
            self.write_rules(title, &rules.iter().collect::<Vec<_>>(), out)?;
        }
        if signed.as_ref().is_some_and(VerifiedResult::scores_differ) {
            let texts = Texts::english();
            write_advice(&texts, "scores_differ", out)?;
        }
        Ok(())
    }

    fn write_scales(&self, out: &mut Output) -> Result<(), Failure> {
        for group in &self.scored.entry.instrument.definition().groups {
            let title = self.wording.text(&format!("groups.{}.title", group.id));
            let mut table = Table::new(&[
                &format!("<{title}"),
                "answered",
                "mean",
                "0–100",
                "<band",
                "favourable",
                "95 %",
            ]);
            for (scale, score) in self.scored.scales().filter(|(scale, _)| scale.group == group.id)
            {
                let band = score.pomp().and_then(|pomp| band(scale, pomp));
                let band = band.map(|band| self.wording.text(&format!("bands.{band}")).to_owned());
                let few = || format!("no score: at least {} answers needed", score.min_answered);
                let (percent, ends) = favourable(score).unzip();
                table.row([
                    self.wording.scale_name(&scale.id).to_owned(),
                    format!("{}/{}", score.n_answered, score.n_items),
                    score.mean().map_or_else(dash, |mean| decimal(mean, 2)),
                    score.pomp().map_or_else(dash, |pomp| decimal(pomp, 1)),
                    if score.is_scored() { band.unwrap_or_default() } else { few() },
                    percent.map_or_else(dash, |percent| format!("{percent} %")),
                    ends.map_or_else(dash, |ends| {
                        format!("{}–{}", per_cent(ends.low), per_cent(ends.high))
                    }),
                ]);
            }
            table.write(out)?;
            writeln!(out)?;
        }
        Ok(())
    }

    fn write_rules(&self, title: &str, rules: &[&Fired], out: &mut Output) -> Result<(), Failure> {
        if rules.is_empty() {
            return Ok(());
        }
        writeln!(out, "{title}")?;
        for fired in rules {
            let path = format!("rules.{}", fired.rule);
            let text = |part: &str| self.wording.text(&format!("{path}.{part}"));
            writeln!(out, "  {}\n    {}", text("title"), text("text"))?;
            for step in self.wording.list(&format!("{path}.next")) {
                writeln!(out, "    - {step}")?;
            }
            let reasons = self.reasons(&fired.because);
            if !reasons.is_empty() {
                writeln!(out, "    Because {}.", reasons.join("; "))?;
            }
        }
        writeln!(out)?;
        Ok(())
    }

    /// The facts in words, those of one scale together.
    fn reasons(&self, facts: &[Evidence]) -> Vec<String> {
        let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
        for fact in facts.iter().filter(|fact| !is_implied(fact, facts)) {
            let (subject, says) = match fact {
                Evidence::Below { scale, pomp, threshold } => {
                    (self.score(scale, *pomp), format!("below {threshold}"))
                }
                Evidence::AtLeast { scale, pomp, threshold } => {
                    (self.score(scale, *pomp), format!("at least {threshold}"))
                }
                Evidence::AmongLowest { scale, pomp, among } => {
                    let place = match among {
                        1 => "the lowest of its kind".to_owned(),
                        among => format!("among the {among} lowest of its kind"),
                    };
                    (self.score(scale, *pomp), place)
                }
                Evidence::Answered { item, code } => {
                    let response = self.scored.entry.instrument.item(item).and_then(response_id);
                    let option = self.wording.option(response.unwrap_or_default(), Some(*code));
                    (format!("the answer to \"{}\" is", self.item(item)), format!("\"{option}\""))
                }
            };
            match reasons.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, all)) => all.push(says),
                None => reasons.push((subject, vec![says])),
            }
        }
        let join =
            |(subject, says): (String, Vec<String>)| format!("{subject} {}", says.join(", "));
        reasons.into_iter().map(join).collect()
    }

    fn score(&self, scale: &str, pomp: Rational64) -> String {
        format!("{} is {},", self.wording.scale_name(scale), decimal(pomp, 1))
    }

    fn item(&self, item: &str) -> &str {
        self.wording.item(item, self.scored.sheet.rater)
    }
}

/// Whether a tighter threshold among the facts says as much already: below 75 after below 60.
fn is_implied(fact: &Evidence, facts: &[Evidence]) -> bool {
    facts.iter().any(|other| match (fact, other) {
        (
            Evidence::Below { scale, threshold, .. },
            Evidence::Below { scale: same, threshold: tighter, .. },
        ) => scale == same && tighter < threshold,
        (
            Evidence::AtLeast { scale, threshold, .. },
            Evidence::AtLeast { scale: same, threshold: tighter, .. },
        ) => scale == same && tighter > threshold,
        _ => false,
    })
}

fn response_id(item: &Item) -> Option<&str> {
    match &item.kind {
        ItemKind::Rating { response, .. } | ItemKind::Choice { response, .. } => Some(response),
        ItemKind::Text { .. } | ItemKind::Ranking { .. } => None,
    }
}

fn dash() -> String {
    "–".to_owned()
}
