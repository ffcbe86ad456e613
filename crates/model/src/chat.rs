//! A conversation as tokens, by the chat template that the model's file carries.

use brine_core::prompt::Message;
use candle_core::quantized::gguf_file::Content;
use minijinja::{Environment, context};

use crate::tokenizer::Tokenizer;

/// Used when a file carries none (the form that SmolLM2 and Qwen2 were trained with).
const CHATML: &str = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/// Stands for the content of a turn while the template runs; private-use characters that `Story` text can't be confused
/// with, because contents are put in afterwards.
fn stand_in(turn: usize) -> String {
    format!("\u{f8f0}{turn}\u{f8f1}")
}

/// The model's own form of a conversation.
#[derive(Clone)]
pub(crate) struct Chat {
    template: String,
    tokenizer: Tokenizer,
}

impl Chat {
    pub(crate) fn from_gguf(content: &Content, tokenizer: Tokenizer) -> Self {
        let own = content.metadata.get("tokenizer.chat_template").and_then(|value| value.to_string().ok());
        Self { template: own.map_or(CHATML, String::as_str).to_owned(), tokenizer }
    }

    /// The tokens up to the model's turn. Control tokens come from the template alone, never from a message.
    ///
    /// # Errors
    /// When the model's template does not run.
    pub(crate) fn encode(&self, messages: &[Message]) -> Result<Vec<u32>, String> {
        let turns: Vec<_> = messages
            .iter()
            .enumerate()
            .map(|(turn, message)| context! { role => message.role.name(), content => stand_in(turn) })
            .collect();
        let mut environment = Environment::new();
        environment.set_unknown_method_callback(minijinja_no_methods);
        let values = context! { messages => turns, add_generation_prompt => true, bos_token => "", eos_token => "" };
        let mut rest = environment
            .render_str(&self.template, values)
            .map_err(|error| format!("the model's chat template does not run: {error:#}"))?;
        let mut tokens = Vec::new();
        for (turn, message) in messages.iter().enumerate() {
            let mark = stand_in(turn);
            // A template may leave a turn out (a system prompt that it does not know): then so do we.
            if let Some((before, after)) = rest.clone().split_once(&mark) {
                tokens.extend(self.template_text(before));
                tokens.extend(self.tokenizer.encode(&message.content));
                rest = after.to_owned();
            }
        }
        tokens.extend(self.template_text(&rest));
        Ok(tokens)
    }

    /// Text of the template, in which control tokens are what they say.
    fn template_text(&self, mut text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        while !text.is_empty() {
            let next = self
                .tokenizer
                .control()
                .filter_map(|(name, id)| text.find(name).map(|at| (at, std::cmp::Reverse(name.len()), name, id)))
                .min();
            let Some((at, _, name, id)) = next else { break };
            tokens.extend(self.tokenizer.encode(&text[..at]));
            tokens.push(id);
            text = &text[at + name.len()..];
        }
        tokens.extend(self.tokenizer.encode(text));
        tokens
    }
}

fn minijinja_no_methods(
    _: &minijinja::State,
    value: &minijinja::Value,
    method: &str,
    _: &[minijinja::Value],
) -> Result<minijinja::Value, minijinja::Error> {
    match (method, value.as_str()) {
        ("strip" | "trim", Some(text)) => Ok(text.trim().into()),
        _ => Err(minijinja::ErrorKind::UnknownMethod.into()),
    }
}
