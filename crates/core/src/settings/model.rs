//! Which model writes, and how long it may take.

use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::reader::Reader;

/// The language model.
#[derive(Clone, Debug)]
pub struct ModelSettings {
    /// Its name in the catalogue; the default for this machine when absent.
    pub name: Option<String>,
    /// An adapter for it, where nobody has chosen another; "plain" for none.
    pub adapter: Option<String>,
    /// At most so many are in memory at once: the model alone, and with each adapter.
    pub max_adapters: usize,
    /// Folder that holds model files already.
    pub models_dir: Option<PathBuf>,
    /// Name of a prompt; the model's best one when absent.
    pub prompt: Option<String>,
    /// Processor threads; all cores when absent.
    pub threads: Option<usize>,
    /// A story that takes longer is given up and tried again later.
    pub deadline_seconds: u64,
    /// A server that writes in place of the model in this process.
    pub server: Option<ModelServer>,
}

/// A server with chat completions.
#[derive(Clone, Debug)]
pub struct ModelServer {
    /// What its chat completions stand below.
    pub address: Url,
    /// What it calls its model.
    pub model: String,
    /// Sent as a bearer token.
    pub key: Option<SecretString>,
}

pub(super) fn read(reader: &mut Reader) -> Option<ModelSettings> {
    let name = reader.optional_text("model.name");
    let adapter = reader.optional_text("model.adapter");
    let max_adapters = reader.number("model.max_adapters", 1..=64);
    let models_dir = reader.optional_text("model.models_dir").map(PathBuf::from);
    let prompt = reader.optional_text("model.prompt");
    let threads = match reader.optional_text("model.threads") {
        Some(_) => reader.number("model.threads", 1..=1024).and_then(|number| usize::try_from(number).ok()),
        None => None,
    };
    let deadline_seconds = reader.number("model.deadline_seconds", 1..=86_400);
    let server = match reader.optional_text("model.server") {
        Some(_) => Some(server(reader)?),
        None => None,
    };
    Some(ModelSettings {
        name,
        adapter,
        max_adapters: usize::try_from(max_adapters?).ok()?,
        models_dir,
        prompt,
        threads,
        deadline_seconds: deadline_seconds?,
        server,
    })
}

fn server(reader: &mut Reader) -> Option<ModelServer> {
    let address: Option<Url> = reader.parsed("model.server", "an address such as http://10.0.0.5:8000/v1");
    if let Some(url) = &address {
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            reader.refuse("model.server", "must begin with http:// or https:// and name a host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            reader.refuse("model.server", "must hold no name and password; a key goes into BRINE_MODEL_KEY");
        }
    }
    let model = reader.text("model.server_model");
    let key = reader.optional_text("model.server_key").map(SecretString::from);
    Some(ModelServer { address: address?, model: model?, key })
}
