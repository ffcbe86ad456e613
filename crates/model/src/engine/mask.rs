//! The grammar as a mask over the vocabulary (crate `llguidance`).

use std::sync::Arc;

use llguidance::api::TopLevelGrammar;
use llguidance::{Matcher, ParserFactory};
use toktrie::{InferenceCapabilities, SimpleVob, TokenId};

use crate::tokenizer::Tokenizer;

/// Compiles grammars for one tokenizer.
pub(super) struct Grammars {
    factory: Arc<ParserFactory>,
}

/// Where a text stands in its grammar.
pub(super) struct Mask {
    matcher: Matcher,
}

impl Grammars {
    pub(super) fn new(tokenizer: &Tokenizer) -> Result<Self, String> {
        let capabilities = InferenceCapabilities { ff_tokens: true, ..Default::default() };
        let slices = llguidance::earley::SlicedBiasComputer::general_slices();
        let mut factory =
            ParserFactory::new(&tokenizer.environment(), capabilities, &slices).map_err(|error| error.to_string())?;
        factory.quiet();
        Ok(Self { factory: Arc::new(factory) })
    }

    /// The start of a text in the grammar `lark`.
    pub(super) fn start(&self, lark: &str) -> Result<Mask, String> {
        let parser = self.factory.create_parser(TopLevelGrammar::from_lark(lark.to_owned()));
        let mask = Mask { matcher: Matcher::new(parser) };
        match mask.matcher.get_error() {
            Some(error) => Err(error),
            None => Ok(mask),
        }
    }
}

impl Mask {
    /// Tokens that must come next whatever the model thinks; they count as written.
    pub(super) fn forced(&mut self) -> Vec<TokenId> {
        self.matcher.consume_ff_tokens()
    }

    /// Tokens that may come next.
    pub(super) fn allowed(&mut self) -> Result<SimpleVob, String> {
        self.matcher.compute_mask().map_err(|error| error.to_string())
    }

    /// Notes that `token` was written.
    pub(super) fn write(&mut self, token: TokenId) -> Result<(), String> {
        self.matcher.consume_token(token).map_err(|error| error.to_string())
    }

    /// Nothing more may come.
    pub(super) fn finished(&self) -> bool {
        self.matcher.is_stopped()
    }
}
