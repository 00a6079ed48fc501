//! The results in JUnit's form, which the build servers read.

use super::case::{Ended, Outcome};
use crate::{Error, engine::report, error::Kind};
use quick_xml::{
    Writer,
    events::{BytesDecl, BytesText, Event},
};
use std::{
    fs,
    io::{self, Write},
    path::Path,
    time::Duration,
};

/// The width of a report in a file.
const WIDTH: usize = 100;

/// Write all results, a suite for each file.
pub(super) fn write(path: &Path, ended: &[Ended]) -> Result<(), Error> {
    let mut bytes = Vec::new();
    let written = suites(&mut bytes, ended).and_then(|()| fs::write(path, bytes));
    written.map_err(|error| {
        Error::new(Kind::File, format!("cannot write {}: {error}", path.display()))
            .hint("the folder must be there, and open to writing")
    })
}

fn suites(out: &mut Vec<u8>, ended: &[Ended]) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counts(ended);
    let suites = writer.create_element("testsuites").with_attribute(("name", "juben test"));
    let suites = suites.with_attributes(counts.iter().map(|(name, count)| (*name, count.as_str())));
    suites.write_inner_content(|writer| {
        ended.chunk_by(|one, next| one.case.file == next.case.file).try_for_each(|suite| suite_of(writer, suite))
    })?;
    writer.get_mut().write_all(b"\n")
}

fn suite_of<W: Write>(writer: &mut Writer<W>, ended: &[Ended]) -> io::Result<()> {
    let counts = counts(ended);
    let suite = writer.create_element("testsuite").with_attribute(("name", ended[0].case.file.as_str()));
    let suite = suite.with_attributes(counts.iter().map(|(name, count)| (*name, count.as_str())));
    suite.write_inner_content(|writer| ended.iter().try_for_each(|it| case_of(writer, it))).map(drop)
}

fn case_of<W: Write>(writer: &mut Writer<W>, ended: &Ended) -> io::Result<()> {
    let case = &ended.case;
    let element = writer.create_element("testcase").with_attributes([
        ("name", case.name.as_str()),
        ("classname", case.file.as_str()),
        ("file", case.file.as_str()),
        ("line", case.line.to_string().as_str()),
        ("time", seconds(ended.took).as_str()),
    ]);
    element.write_inner_content(|writer| {
        match &ended.outcome {
            Outcome::Passed => {}
            Outcome::NotRun => drop(writer.create_element("skipped").write_empty()?),
            Outcome::Failed(error) => {
                let failure = writer.create_element("failure").with_attributes([
                    ("type", error.kind.name()),
                    ("message", clean(error.to_string().lines().next().unwrap_or_default()).as_str()),
                ]);
                let text = clean(&report(error, &ended.sources, false, WIDTH));
                failure.write_text_content(BytesText::new(&text))?;
            }
        }
        if !ended.output.is_empty() {
            let output = clean(&ended.output);
            writer.create_element("system-out").write_text_content(BytesText::new(&output))?;
        }
        Ok(())
    })?;
    Ok(())
}

fn counts(ended: &[Ended]) -> [(&'static str, String); 4] {
    let count = |is_it: fn(&Outcome) -> bool| ended.iter().filter(|it| is_it(&it.outcome)).count().to_string();
    [
        ("tests", ended.len().to_string()),
        ("failures", count(|outcome| matches!(outcome, Outcome::Failed(_)))),
        ("skipped", count(|outcome| matches!(outcome, Outcome::NotRun))),
        ("time", seconds(ended.iter().map(|it| it.took).sum())),
    ]
}

fn seconds(took: Duration) -> String {
    format!("{:.3}", took.as_secs_f64())
}

/// Without the characters that XML cannot have at all.
fn clean(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control() || matches!(letter, '\n' | '\t')).collect()
}
