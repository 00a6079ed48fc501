//! What can go wrong, as data: a kind, a message, a hint, and where in the script it happened.

use std::fmt;

/// What to do about a path that leads nowhere.
pub const PATHS: &str = "a path in a script starts at the script's folder, one that it is given at the current folder";

/// The cause of an [`Error`]; scripts see its name as `error.kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A parameter is missing, unknown, of the wrong type or out of range; nothing was sent.
    Argument,
    /// The credential was refused, or there is none.
    Auth,
    /// The operation cannot be done in the present state.
    Conflict,
    /// What was asked for does not exist.
    NotFound,
    /// The platform refused for another reason.
    Refused,
    /// The quota of the day is used up.
    Quota,
    /// Too many calls in a short time.
    Throttled,
    /// The platform could not be reached, or the connection broke before anything was changed.
    Network,
    /// The platform failed, or answered something that is no answer.
    Server,
    /// A write was sent and its answer was lost: it may or may not have happened.
    UnknownOutcome,
    /// The reply is larger than allowed.
    TooLarge,
    /// A file cannot be read or written.
    File,
    /// The configuration is wrong or incomplete.
    Config,
    /// A limit of this run was reached: time, operations or size.
    Limit,
    /// The run may not do this.
    Denied,
    /// Stopped by the user.
    Cancelled,
    /// Some items failed and others did not.
    Partial,
    /// The run asks for something else than its recording has.
    Replay,
    /// What a script asserts is not so.
    Assertion,
    /// The script itself is wrong, or threw a value of its own.
    Script,
    /// The command line is wrong.
    Usage,
}

impl Kind {
    /// Every kind, in the order of the documentation.
    pub const ALL: [Kind; 21] = [
        Kind::Argument,
        Kind::Auth,
        Kind::Conflict,
        Kind::NotFound,
        Kind::Refused,
        Kind::Quota,
        Kind::Throttled,
        Kind::Network,
        Kind::Server,
        Kind::UnknownOutcome,
        Kind::TooLarge,
        Kind::File,
        Kind::Config,
        Kind::Limit,
        Kind::Denied,
        Kind::Cancelled,
        Kind::Partial,
        Kind::Replay,
        Kind::Assertion,
        Kind::Script,
        Kind::Usage,
    ];

    /// The name that scripts and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Argument => "argument",
            Kind::Auth => "auth",
            Kind::Conflict => "conflict",
            Kind::NotFound => "not_found",
            Kind::Refused => "refused",
            Kind::Quota => "quota",
            Kind::Throttled => "throttled",
            Kind::Network => "network",
            Kind::Server => "server",
            Kind::UnknownOutcome => "unknown_outcome",
            Kind::TooLarge => "too_large",
            Kind::File => "file",
            Kind::Config => "config",
            Kind::Limit => "limit",
            Kind::Denied => "denied",
            Kind::Cancelled => "cancelled",
            Kind::Partial => "partial",
            Kind::Replay => "replay",
            Kind::Assertion => "assertion",
            Kind::Script => "script",
            Kind::Usage => "usage",
        }
    }

    /// The kind of that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The exit code of a process that ends with this error.
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Usage | Kind::Config => 2,
            Kind::Partial => 3,
            Kind::Denied => 4,
            Kind::Cancelled => 130,
            _ => 1,
        }
    }

    /// Whether a script must not be able to catch it.
    pub fn ends_the_run(self) -> bool {
        matches!(self, Kind::Denied | Kind::Cancelled | Kind::Limit | Kind::Replay)
    }
}

/// Where in a script something happened; lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The script's name as the user gave it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
}

impl Place {
    /// That of a byte in the text of this file.
    pub fn of(file: &str, text: &str, offset: usize) -> Place {
        let before = &text[..text.floor_char_boundary(offset)];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Place {
            file: file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
        }
    }
}

/// An error with all that a person or a script needs to act on it.
#[derive(Debug, Clone)]
pub struct Error(Box<Details>);

/// The content of an [`Error`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Details {
    /// The cause.
    pub kind: Kind,
    /// What happened, in one sentence without a full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// The platform's own code.
    pub code: Option<i64>,
    /// The operation, as `module.name`.
    pub operation: Option<String>,
    /// The account that was used.
    pub account: Option<String>,
    /// The platform's number of the call.
    pub request_id: Option<String>,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// What the platform answered besides, such as the results of the rows that worked.
    pub reply: Option<rhai::Map>,
    /// Where it happened.
    pub place: Option<Place>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self(Box::new(Details {
            kind,
            message: message.into(),
            hint: None,
            code: None,
            operation: None,
            account: None,
            request_id: None,
            retryable: matches!(kind, Kind::Throttled | Kind::Network | Kind::Server),
            reply: None,
            place: None,
        }))
    }

    /// Add what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Add what to do about it, if that is known.
    pub fn hinted(mut self, hint: Option<String>) -> Self {
        self.0.hint = hint.or(self.0.hint);
        self
    }

    /// Add the nearest of the names that there are, or all of them.
    pub fn hint_names<'a>(self, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(name, known.iter().copied()) {
            Some(near) => self.hint(format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None => self.hint(format!("there are: {}", known.join(", "))),
        }
    }

    /// The same trouble in other words, with the same hint.
    pub fn reworded(&self, kind: Kind, message: impl Into<String>) -> Self {
        Error::new(kind, message).hinted(self.hint.clone())
    }

    /// Add the platform's code.
    pub fn code(mut self, code: i64) -> Self {
        self.0.code = Some(code);
        self
    }

    /// Add the operation, unless it is known already.
    pub fn operation(mut self, operation: &str) -> Self {
        self.0.operation.get_or_insert_with(|| operation.to_owned());
        self
    }

    /// Add the account, unless it is known already.
    pub fn account(mut self, account: &str) -> Self {
        self.0.account.get_or_insert_with(|| account.to_owned());
        self
    }

    /// Add the platform's number of the call.
    pub fn request_id(mut self, id: Option<String>) -> Self {
        self.0.request_id = id;
        self
    }

    /// Add what the platform answered besides.
    pub fn reply(mut self, reply: rhai::Map) -> Self {
        self.0.reply = (!reply.is_empty()).then_some(reply);
        self
    }

    /// Say whether the same call may succeed later.
    pub fn retryable(mut self, retryable: bool) -> Self {
        self.0.retryable = retryable;
        self
    }

    /// Add the place in the script, unless it is known already.
    pub fn at(mut self, place: Place) -> Self {
        self.0.place.get_or_insert(place);
        self
    }
}

impl std::ops::Deref for Error {
    type Target = Details;
    fn deref(&self) -> &Details {
        &self.0
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = &self.operation {
            write!(f, "`{operation}`: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// `name` with the nearest of `known` names as a question, when one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let close = |known: &&str| {
        let distance = strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase());
        (distance <= 1 + name.chars().count() / 4).then_some(distance)
    };
    known
        .into_iter()
        .filter_map(|known| close(&known).map(|distance| (distance, known)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        assert_eq!(nearest("limt", ["limit", "offset"]), Some("limit"));
        assert_eq!(nearest("Limit", ["limit", "offset"]), Some("limit"));
        assert_eq!(nearest("colour", ["limit", "offset"]), None);
    }

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::named(kind.name()), Some(kind));
        }
    }
}
