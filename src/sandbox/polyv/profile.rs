//! How the videos of a category are transcoded and encrypted.

use super::library::{Library, Video};
use crate::sandbox::model::{Refusal, Request};
use serde::{Deserialize, Serialize};

/// The settings of a category. They hold for the videos that are added to it from then on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Profile {
    enabled: bool,
    /// The source file is played; then the others have no effect.
    keep_source: bool,
    encrypt: bool,
    /// `open`, `web`, `app` or `wxa_app`
    level: String,
    screen_recording: bool,
    audio: bool,
}

impl Profile {
    fn of(request: &Request) -> Self {
        let is = |field: &str| request.number(field) == Some(1);
        Self {
            enabled: request.text("enabled") == Some("Y"),
            keep_source: is("keepSource"),
            encrypt: is("encrypt"),
            level: request.text("encryptLevel").unwrap_or("open").to_owned(),
            screen_recording: is("isEdu"),
            audio: is("encodeAAC"),
        }
    }

    pub fn apply(&self, video: &mut Video) {
        match self {
            Self { enabled: false, .. } => {}
            Self { keep_source: true, .. } => video.keep_source = true,
            Self { encrypt, level, audio, .. } => {
                video.encrypted = *encrypt;
                video.audio = *audio;
                if *encrypt {
                    video.level.clone_from(level);
                }
            }
        }
    }
}

impl Library {
    pub(super) fn set_profile(&mut self, request: &Request) -> Result<(), Refusal> {
        let id = self.category(request, "cateId")?;
        if let Some(category) = self.categories.get_mut(&id) {
            category.profile = Profile::of(request);
        }
        Ok(())
    }
}
