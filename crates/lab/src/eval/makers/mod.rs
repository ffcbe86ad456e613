//! What writes the answers of an arm: controls that need no model, and models.

mod fixed;
mod model;
mod template;

use brine_core::story::Story;
use brine_model::catalogue::{Catalogue, Folder};

pub(crate) use self::fixed::Fixed;
pub(crate) use self::model::ModelMaker;
use super::EvalError;
use super::answer::Answer;
use super::arm::{Arm, Kind};
use super::case::Case;

/// Writes one arm's answers.
pub(crate) enum Maker {
    /// All answers are known before.
    Fixed(Fixed),
    /// A model writes.
    Model(Box<ModelMaker>),
}

/// One answer to write.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The story's name.
    pub(crate) id: String,
    /// The story itself; changed ones keep the name.
    pub(crate) story: Story,
    /// From 0.
    pub(crate) sample: u32,
}

impl Maker {
    /// Finds out whether an arm could begin, before hours are spent on those before it.
    pub(crate) fn check(arm: &Arm, models: &Folder) -> Result<(), EvalError> {
        arm.model().map_or(Ok(()), |settings| model::find(settings, &Catalogue::built_in()?, models).map(|_| ()))
    }

    /// Gets an arm ready; a model is loaded here.
    pub(crate) fn new(
        arm: &Arm,
        cases: &[Case],
        models: &Folder,
        deadline: std::time::Duration,
    ) -> Result<Self, EvalError> {
        let fixed = match &arm.kind {
            Kind::Reference => Fixed::reference(cases)?,
            Kind::Shuffled => Fixed::shuffled(cases)?,
            Kind::Template => Fixed::template(cases),
            Kind::Outputs(path) => Fixed::outputs(path, cases)?,
            Kind::Model(settings) | Kind::SeedPrompt(settings) => {
                let free = matches!(arm.kind, Kind::SeedPrompt(_));
                let maker = ModelMaker::load(settings.clone(), free, &Catalogue::built_in()?, models, deadline)?;
                return Ok(Self::Model(Box::new(maker)));
            }
        };
        Ok(Self::Fixed(fixed))
    }

    /// Of everything that an answer depends on. Answers of controls cost nothing and are made anew each time.
    pub(crate) fn print(&self, job: &Job) -> Option<String> {
        match self {
            Self::Fixed(_) => None,
            Self::Model(maker) => Some(maker.print(job)),
        }
    }

    pub(crate) async fn answer(&self, job: &Job) -> Answer {
        match self {
            Self::Fixed(fixed) => fixed.answer(job),
            Self::Model(maker) => maker.answer(job).await,
        }
    }
}
