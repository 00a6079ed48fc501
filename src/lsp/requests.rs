//! Which request is answered by what.

use super::{
    capabilities,
    colours::colours,
    completion::Remembered,
    documents::path_of,
    server::{Server, Stage},
    symbols::symbols,
    wire::refusal,
};
use lsp_server::{ErrorCode, ResponseError};
use lsp_types::{
    CompletionItem, CompletionParams, DocumentSymbolParams, DocumentSymbolResponse, GotoDefinitionParams,
    GotoDefinitionResponse, HoverParams, InitializeParams, InitializeResult, SemanticTokens, SemanticTokensParams,
    SignatureHelpParams, WorkspaceFolder,
    request::{
        Completion, DocumentSymbolRequest, GotoDefinition, HoverRequest, Initialize, Request, ResolveCompletionItem,
        SemanticTokensFullRequest, Shutdown, SignatureHelpRequest,
    },
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::path::PathBuf;

type Answer = Result<Value, ResponseError>;

impl Server {
    pub(super) fn request(&mut self, method: &str, params: Value) -> Answer {
        match (method, self.stage) {
            (Initialize::METHOD, Stage::New) => Ok(json!(self.initialize(read(params)?))),
            (_, Stage::New) => Err(refusal(ErrorCode::ServerNotInitialized, "`initialize` comes first")),
            (_, Stage::ShutDown) => Err(refusal(ErrorCode::InvalidRequest, "after `shutdown` comes only `exit`")),
            (Initialize::METHOD, _) => Err(refusal(ErrorCode::InvalidRequest, "this is initialized already")),
            (Shutdown::METHOD, _) => {
                self.stage = Stage::ShutDown;
                Ok(Value::Null)
            }
            _ => self.question(method, params),
        }
    }

    /// A request about a document.
    fn question(&mut self, method: &str, params: Value) -> Answer {
        Ok(match method {
            Completion::METHOD => {
                let asked = read::<CompletionParams>(params)?;
                let trigger = asked.context.and_then(|context| context.trigger_character);
                let place = asked.text_document_position;
                json!(self.view(&place.text_document.uri)?.completion(place.position, trigger.as_deref()))
            }
            ResolveCompletionItem::METHOD => json!(self.resolve(read(params)?)),
            HoverRequest::METHOD => {
                let place = read::<HoverParams>(params)?.text_document_position_params;
                json!(self.view(&place.text_document.uri)?.hover(place.position))
            }
            SignatureHelpRequest::METHOD => {
                let place = read::<SignatureHelpParams>(params)?.text_document_position_params;
                json!(self.view(&place.text_document.uri)?.signature(place.position))
            }
            GotoDefinition::METHOD => {
                let place = read::<GotoDefinitionParams>(params)?.text_document_position_params;
                let found = self.view(&place.text_document.uri)?.definition(place.position);
                json!(found.map(GotoDefinitionResponse::Scalar))
            }
            DocumentSymbolRequest::METHOD => {
                let uri = read::<DocumentSymbolParams>(params)?.text_document.uri;
                json!(DocumentSymbolResponse::Nested(symbols(&self.documents.get(&uri)?.text)))
            }
            SemanticTokensFullRequest::METHOD => {
                let uri = read::<SemanticTokensParams>(params)?.text_document.uri;
                let text = &self.documents.get(&uri)?.text;
                json!(SemanticTokens { result_id: None, data: colours(text, self.encoding) })
            }
            _ => return Err(refusal(ErrorCode::MethodNotFound, format!("there is no `{method}`"))),
        })
    }

    #[allow(deprecated)] // editors that know no workspace folders send a root
    fn initialize(&mut self, editor: InitializeParams) -> InitializeResult {
        self.stage = Stage::Running;
        self.encoding = capabilities::encoding(&editor);
        self.watches = capabilities::watches(&editor);
        let root = || editor.root_uri.iter().filter_map(path_of).collect();
        let folders = editor.workspace_folders.as_deref().filter(|folders| !folders.is_empty());
        self.workspaces.folders = folders.map_or_else(root, paths);
        capabilities::offered(self.encoding)
    }

    /// Add its manual to an item of a completion, if there is one.
    fn resolve(&mut self, mut item: CompletionItem) -> CompletionItem {
        let remembered = item.data.clone().and_then(|data| serde_json::from_value::<Remembered>(data).ok());
        item.documentation = remembered.and_then(|it| self.view(&it.uri).ok()?.documentation(&it));
        item
    }
}

/// The parameters of a message.
pub(super) fn read<P: DeserializeOwned>(params: Value) -> Result<P, ResponseError> {
    serde_json::from_value(params).map_err(|error| refusal(ErrorCode::InvalidParams, error.to_string()))
}

/// The folders that are files' and no others.
pub(super) fn paths(folders: &[WorkspaceFolder]) -> Vec<PathBuf> {
    folders.iter().filter_map(|folder| path_of(&folder.uri)).collect()
}
