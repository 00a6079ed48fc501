//! Volumes: they cover every chapter, without gap or overlap.

use super::book::{Edition, Volume};
use super::refusal;
use crate::sandbox::model::{Refusal, number};
use serde_json::Value;

pub(super) fn write(edit: &mut Edition, rows: &[Value]) -> Result<(), Refusal> {
    let volumes: Option<Vec<Volume>> = rows.iter().map(volume).collect();
    let volumes = volumes.filter(|volumes| cover(volumes, edit.chapters.len())).ok_or_else(|| refusal(10140012))?;
    edit.volumes = volumes;
    edit.volumes_stale = false;
    Ok(())
}

fn volume(row: &Value) -> Option<Volume> {
    let title = row["volume_title"].as_str()?.trim();
    let index = |field: &str| usize::try_from(number(&row[field])?).ok();
    let volume = Volume { title: title.into(), start: index("start_index")?, end: index("end_index")? };
    (!title.is_empty()).then_some(volume)
}

/// Whether the volumes follow one another from the first chapter to the last.
fn cover(volumes: &[Volume], chapters: usize) -> bool {
    let mut next = 0;
    for volume in volumes {
        if volume.start != next || volume.end < volume.start {
            return false;
        }
        next = volume.end + 1;
    }
    next == chapters && !volumes.is_empty()
}
