//! The engine: the model on a thread of its own, behind a channel. One batch of answers at a time, in the order of asking.

mod mask;
mod memory;
mod request;
mod sampler;
mod sequence;
mod session;

use std::path::Path;
use std::sync::mpsc;

use brine_core::prompt::Message;
use candle_core::Device;

use self::mask::Grammars;
pub use self::request::Script;
pub(crate) use self::request::{Answer, Batch, Caller, Event, Request, Stopped};
pub use self::sampler::Sampling;
use self::session::Session;
use crate::adapter::Adapter;
use crate::chat::Chat;
use crate::decoder::{Decoder, GgufFile};
use crate::error::ModelError;
use crate::tokenizer::Tokenizer;

/// Longest prompt and answer together, in tokens. The memory for keys and values grows with it.
pub(crate) const ROOM: usize = 3072;

/// The variables by which the arithmetic is told how many threads to use. Unset, candle counts the processor's cores anew
/// at every operation, which costs a sixth of the time of decoding.
pub const THREAD_VARIABLES: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

/// What the model's thread is asked for.
enum Job {
    Answer(Batch),
    /// The tokens of a prompt's beginning.
    ReadAhead(Vec<u32>),
}

/// A handle to the model's thread. The thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Engine {
    jobs: mpsc::Sender<Job>,
    chat: Chat,
    tokenizer: Tokenizer,
}

impl Engine {
    /// Loads the file, with the adapter's weights added, and starts the thread; returns when the model is ready to answer.
    ///
    /// # Errors
    /// When the file can't be read or is no model that this program can run, or the adapter does not fit.
    pub fn start(path: &Path, adapter: Option<&Adapter>) -> Result<Self, ModelError> {
        let file = GgufFile::open(path)?;
        let device = device()?;
        // Neither needs the other, and tokenizer and grammars take half as long as the weights.
        let (words, decoder) = std::thread::scope(|scope| {
            let words = scope.spawn(|| {
                let tokenizer = Tokenizer::from_gguf(&file.content)?;
                let grammars = Grammars::new(&tokenizer)?;
                Ok((tokenizer, grammars))
            });
            let decoder = Decoder::load(&file, path, adapter, ROOM, &device);
            (words.join().unwrap_or_else(|_| Err("its tokenizer can't be read".to_owned())), decoder)
        });
        let (tokenizer, grammars) = words.map_err(|reason: String| ModelError::unusable(path, reason))?;
        let chat = Chat::from_gguf(&file.content, tokenizer.clone());
        let mut session = Session::new(decoder?, tokenizer.clone(), grammars);
        let (jobs, inbox) = mpsc::channel::<Job>();
        // The model's thread is one of those that share its arithmetic: handing work over from outside costs more.
        let pool = rayon::ThreadPoolBuilder::new()
            .thread_name(|_| "model".to_owned())
            .build()
            .map_err(|error| ModelError::unusable(path, format!("its threads can't be started: {error}")))?;
        std::thread::Builder::new()
            .name("model-inbox".to_owned())
            .spawn(move || {
                pool.install(|| {
                    for job in inbox {
                        match job {
                            Job::Answer(Batch { requests, caller }) => {
                                let result = answer(&mut session, requests, &caller);
                                // The caller may have left; then nobody wants the answers.
                                let _ = caller.events.send(Event::Finished(result));
                            }
                            Job::ReadAhead(tokens) => session.read_ahead(&tokens),
                        }
                    }
                    // Nobody asks any more.
                    drop(session);
                });
                memory::give_back();
            })
            .map_err(|cause| ModelError::io(path, cause))?;
        // Loading leaves a good deal of its own behind.
        memory::give_back();
        Ok(Self { jobs, chat, tokenizer })
    }

    /// Hands a batch to the model's thread.
    pub(crate) fn ask(&self, batch: Batch) -> Result<(), Stopped> {
        self.jobs.send(Job::Answer(batch)).map_err(|_| Stopped::Failed("the model's thread has ended".to_owned()))
    }

    /// Reads a conversation before it is asked for, in the model's own time: later ones that begin alike need to be read
    /// from there on only. What fails here fails again when it is asked for.
    pub fn read_ahead(&self, messages: &[Message]) {
        if let Ok(tokens) = self.chat.encode(messages) {
            let _ = self.jobs.send(Job::ReadAhead(tokens));
        }
    }

    /// The conversation as tokens.
    pub(crate) fn encode(&self, messages: &[Message]) -> Result<Vec<u32>, Stopped> {
        self.chat.encode(messages).map_err(Stopped::Failed)
    }

    /// A text as tokens: the beginning of the model's own turn.
    pub(crate) fn encode_text(&self, text: &str) -> Vec<u32> {
        self.tokenizer.encode(text)
    }

    /// Tokens that a prompt and its answer have room for together.
    pub(crate) fn room(&self) -> usize {
        ROOM
    }

    /// How many tokens a text has.
    pub(crate) fn count(&self, text: &str) -> usize {
        self.tokenizer.encode(text).len()
    }
}

/// A panic in a dependency costs one batch, not the service.
fn answer(session: &mut Session, requests: Vec<Request>, caller: &Caller) -> Result<Vec<Answer>, Stopped> {
    let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| session.answer(requests, caller)));
    caught.unwrap_or_else(|_| {
        session.forget();
        Err(Stopped::Failed("the arithmetic panicked".to_owned()))
    })
}

/// The GPU when the program was built for one, else the CPU.
pub(crate) fn device() -> candle_core::Result<Device> {
    if cfg!(feature = "cuda") {
        Device::new_cuda(0)
    } else if cfg!(feature = "metal") {
        Device::new_metal(0)
    } else {
        Ok(Device::Cpu)
    }
}
