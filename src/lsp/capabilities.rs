//! What the server can do, and what it asks of the editor.

use super::{colours::TYPES, completion::TRIGGERS, positions::Encoding};
use lsp_types::{
    CompletionOptions, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern,
    HoverProviderCapability, InitializeParams, InitializeResult, OneOf, Registration, RegistrationParams,
    SemanticTokensFullOptions, SemanticTokensLegend, SemanticTokensOptions, ServerCapabilities, ServerInfo,
    SignatureHelpOptions, TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
    notification::{DidChangeWatchedFiles, Notification},
};

/// The answer to `initialize`.
pub(super) fn offered(encoding: Encoding) -> InitializeResult {
    let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect());
    let capabilities = ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            ..TextDocumentSyncOptions::default()
        })),
        completion_provider: Some(CompletionOptions {
            trigger_characters: words(&TRIGGERS),
            resolve_provider: Some(true),
            ..CompletionOptions::default()
        }),
        signature_help_provider: Some(SignatureHelpOptions {
            trigger_characters: words(&["(", ",", "{"]),
            retrigger_characters: words(&[":", ")", "}"]),
            ..SignatureHelpOptions::default()
        }),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        definition_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        semantic_tokens_provider: Some(
            SemanticTokensOptions {
                legend: SemanticTokensLegend { token_types: TYPES.to_vec(), token_modifiers: Vec::new() },
                full: Some(SemanticTokensFullOptions::Bool(true)),
                ..SemanticTokensOptions::default()
            }
            .into(),
        ),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    InitializeResult { capabilities, server_info: Some(ServerInfo { name: "juben".to_owned(), version }) }
}

/// How columns are counted with this editor.
pub(super) fn encoding(editor: &InitializeParams) -> Encoding {
    let offered = editor.capabilities.general.as_ref().and_then(|it| it.position_encodings.as_deref());
    Encoding::agreed(offered.unwrap_or_default())
}

/// Whether the editor can be asked to tell of files.
pub(super) fn watches(editor: &InitializeParams) -> bool {
    let files = editor.capabilities.workspace.as_ref().and_then(|it| it.did_change_watched_files.as_ref());
    files.and_then(|it| it.dynamic_registration).unwrap_or(false)
}

/// Tell of modules, of juben.toml, and of the documents that it can name.
pub(super) fn watched() -> RegistrationParams {
    let glob_pattern = GlobPattern::String("**/*.{rhai,toml,yaml,yml,json}".to_owned());
    let options =
        DidChangeWatchedFilesRegistrationOptions { watchers: vec![FileSystemWatcher { glob_pattern, kind: None }] };
    RegistrationParams {
        registrations: vec![Registration {
            id: "files".to_owned(),
            method: DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        }],
    }
}
