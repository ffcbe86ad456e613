//! The tokenizer that a GGUF file carries, built from its metadata.
//!
//! Text of users is encoded with `plain`, which knows no control tokens: a story that contains "<|im_end|>" stays text.

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::quantized::gguf_file::{Content, Value};
use tokenizers::Tokenizer as HfTokenizer;
use tokenizers::decoders::byte_level::ByteLevel as ByteLevelDecoder;
use tokenizers::models::bpe::BPE;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::tokenizer::SplitDelimiterBehavior;
use toktrie::{TokEnv, TokRxInfo, TokTrie, TokenId, TokenizerEnv};

/// `tokenizer.ggml.token_type` of control tokens such as end-of-turn (llama.cpp, `llama_token_type`).
const CONTROL: u32 = 3;
const USER_DEFINED: u32 = 4;

/// How Qwen2 cuts text before byte-pair encoding (its published tokenizer.json).
const QWEN2_PATTERN: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

/// Encodes text to tokens; `tokens` are ids in the model's vocabulary.
#[derive(Clone)]
pub(crate) struct Tokenizer {
    plain: Arc<HfTokenizer>,
    trie: Arc<TokTrie>,
    control: Arc<HashMap<String, TokenId>>,
}

impl Tokenizer {
    /// Reads `tokenizer.ggml.*`. The error says what the file lacks.
    pub(crate) fn from_gguf(content: &Content) -> Result<Self, String> {
        let words = strings(content, "tokenizer.ggml.tokens")?;
        let merges = strings(content, "tokenizer.ggml.merges")?;
        let kinds = numbers(content, "tokenizer.ggml.token_type")?;
        let end = content
            .metadata
            .get("tokenizer.ggml.eos_token_id")
            .and_then(|value| value.to_u32().ok())
            .ok_or("it names no end token")?;

        let control: HashMap<String, TokenId> = words
            .iter()
            .zip(&kinds)
            .enumerate()
            .filter(|(_, (_, kind))| matches!(**kind, CONTROL | USER_DEFINED))
            .map(|(id, (word, _))| ((*word).clone(), id as TokenId))
            .collect();
        let plain = byte_pair_encoder(content, &words, &merges)?;
        let trie = trie(&words, &control, end)?;
        Ok(Self { plain: Arc::new(plain), trie: Arc::new(trie), control: Arc::new(control) })
    }

    /// The tokens of a text in which nothing is a control token.
    pub(crate) fn encode(&self, text: &str) -> Vec<TokenId> {
        self.plain.encode_fast(text, false).map(|encoding| encoding.get_ids().to_vec()).unwrap_or_default()
    }

    /// The bytes that a token stands for; control tokens stand for none.
    pub(crate) fn bytes(&self, token: TokenId) -> &[u8] {
        if self.trie.is_special_token(token) { &[] } else { self.trie.token(token) }
    }

    /// The id of a control token such as "<|im_end|>".
    pub(crate) fn control(&self) -> impl Iterator<Item = (&str, TokenId)> {
        self.control.iter().map(|(name, id)| (name.as_str(), *id))
    }

    /// The token that ends the model's turn.
    pub(crate) fn end(&self) -> TokenId {
        self.trie.eos_token()
    }

    /// How many tokens there are.
    pub(crate) fn vocabulary(&self) -> usize {
        self.trie.vocab_size()
    }

    /// The tokenizer as the grammar crate wants it.
    pub(crate) fn environment(&self) -> TokEnv {
        Arc::new(self.clone())
    }
}

impl TokenizerEnv for Tokenizer {
    fn tok_trie(&self) -> &TokTrie {
        &self.trie
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<TokenId> {
        self.trie.tokenize_with_greedy_fallback(bytes, |text| self.encode(text))
    }
}

fn byte_pair_encoder(content: &Content, words: &[&String], merges: &[&String]) -> Result<HfTokenizer, String> {
    let kind = text(content, "tokenizer.ggml.model")?;
    if kind != "gpt2" {
        return Err(format!("its tokenizer is of type {kind:?}; only \"gpt2\" (byte-pair encoding) is supported"));
    }
    let vocabulary: tokenizers::models::bpe::Vocab =
        words.iter().enumerate().map(|(id, word)| ((*word).clone(), id as u32)).collect();
    let merges = merges
        .iter()
        .map(|merge| merge.split_once(' ').map(|(a, b)| (a.to_owned(), b.to_owned())))
        .collect::<Option<Vec<_>>>()
        .ok_or("a merge of its tokenizer is malformed")?;
    let model = BPE::builder().vocab_and_merges(vocabulary, merges).build().map_err(|error| error.to_string())?;
    let mut tokenizer = HfTokenizer::new(model);
    let split = match text(content, "tokenizer.ggml.pre")? {
        "smollm" => PreTokenizerWrapper::Sequence(Sequence::new(vec![
            PreTokenizerWrapper::Digits(Digits::new(true)),
            PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, true, true)),
        ])),
        "qwen2" => {
            let pattern = SplitPattern::Regex(QWEN2_PATTERN.to_owned());
            let split =
                Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(|error| error.to_string())?;
            PreTokenizerWrapper::Sequence(Sequence::new(vec![
                PreTokenizerWrapper::Split(split),
                PreTokenizerWrapper::ByteLevel(ByteLevel::new(false, true, false)),
            ]))
        }
        other => {
            return Err(format!(
                "its tokenizer cuts text in the way {other:?}; supported are \"smollm\" and \"qwen2\""
            ));
        }
    };
    tokenizer.with_pre_tokenizer(Some(split));
    tokenizer.with_decoder(Some(ByteLevelDecoder::default()));
    Ok(tokenizer)
}

/// Token bytes, control tokens marked as the grammar crate marks them.
fn trie(words: &[&String], control: &HashMap<String, TokenId>, end: TokenId) -> Result<TokTrie, String> {
    let byte_of = byte_alphabet();
    let mut all: Vec<Vec<u8>> = Vec::with_capacity(words.len());
    for word in words {
        let bytes = if control.contains_key(*word) {
            std::iter::once(TokTrie::SPECIAL_TOKEN_MARKER).chain(word.bytes()).collect()
        } else {
            let bytes: Option<Vec<u8>> = word.chars().map(|c| byte_of.get(&c).copied()).collect();
            bytes.ok_or_else(|| format!("token {word:?} of its tokenizer is not byte-level"))?
        };
        all.push(bytes);
    }
    Ok(TokTrie::from(&TokRxInfo::new(all.len() as u32, end), &all))
}

/// The printable character that stands for each byte in byte-level BPE (GPT-2's `bytes_to_unicode`).
fn byte_alphabet() -> HashMap<char, u8> {
    let printable = |byte: u8| matches!(byte, b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff);
    let mut next = 256u32;
    (0..=255u8)
        .map(|byte| {
            if printable(byte) {
                return (char::from(byte), byte);
            }
            let stand_in = char::from_u32(next).unwrap_or(char::REPLACEMENT_CHARACTER);
            next += 1;
            (stand_in, byte)
        })
        .collect()
}

fn text<'a>(content: &'a Content, key: &str) -> Result<&'a str, String> {
    let value = content.metadata.get(key).and_then(|value| value.to_string().ok());
    value.map(String::as_str).ok_or_else(|| format!("it has no {key}"))
}

fn list<'a>(content: &'a Content, key: &str) -> Result<&'a Vec<Value>, String> {
    content.metadata.get(key).and_then(|value| value.to_vec().ok()).ok_or_else(|| format!("it has no {key}"))
}

fn strings<'a>(content: &'a Content, key: &str) -> Result<Vec<&'a String>, String> {
    let values = list(content, key)?.iter().map(|value| value.to_string().ok()).collect::<Option<Vec<_>>>();
    values.ok_or_else(|| format!("its {key} are not all text"))
}

fn numbers(content: &Content, key: &str) -> Result<Vec<u32>, String> {
    // An error of candle's for each of 150,000 values would take seconds where backtraces are on.
    let number = |value: &Value| match value {
        Value::U32(number) => Some(*number),
        Value::I32(number) => u32::try_from(*number).ok(),
        _ => value.to_u32().ok(),
    };
    let values = list(content, key)?.iter().map(number).collect::<Option<Vec<_>>>();
    values.ok_or_else(|| format!("its {key} are not all numbers"))
}
