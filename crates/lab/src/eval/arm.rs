//! The arms of an evaluation: what writes criteria for the same stories, and the controls beside it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::EvalError;

/// One column of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Arm {
    /// Names the column and the file of outputs.
    pub name: String,
    /// What writes.
    pub kind: Kind,
}

/// What writes criteria.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A person: the criteria of the file of stories.
    Reference,
    /// The person's criteria for another story of the file. A measure that does not put them last measures nothing.
    Shuffled,
    /// The story's own sentences in fixed frames: what no understanding at all can reach.
    Template,
    /// Made elsewhere: a file with one `{"id", "criteria"}` a line, or a folder with a file `ID.feature`, `ID.md` or `ID.txt`
    /// for each story.
    Outputs(PathBuf),
    /// A model of the catalogue, as the product uses it.
    Model(ModelArm),
    /// A model of the catalogue with a plain request, without grammar, adapter or the product's prompt.
    SeedPrompt(ModelArm),
}

/// How a model writes.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ModelArm {
    /// Name in the catalogue; the default model when absent.
    pub model: Option<String>,
    /// Folder of a tuned adapter, or its name in the catalogue.
    pub adapter: Option<String>,
    /// Name of the prompt; that of the adapter, or the default one, when absent.
    pub prompt: Option<String>,
    /// Of the first sample; the next one has the next seed.
    pub seed: u64,
    /// Answers to each story; a story's value is their mean.
    pub samples: u32,
    /// At most so many scenarios.
    pub max_scenarios: u8,
}

/// An arm as people write it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: String,
    kind: String,
    file: Option<PathBuf>,
    model: Option<String>,
    adapter: Option<String>,
    prompt: Option<String>,
    seed: Option<u64>,
    samples: Option<u32>,
    max_scenarios: Option<u8>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    #[serde(default)]
    arm: Vec<Written>,
}

impl Arm {
    /// Reads a file of `[[arm]]` tables; paths in it are relative to the file.
    ///
    /// # Errors
    /// When the file can't be read or an arm makes no sense.
    pub fn read(path: &Path) -> Result<Vec<Self>, EvalError> {
        let text = std::fs::read_to_string(path).map_err(EvalError::file(path))?;
        let list: List = toml::from_str(&text).map_err(EvalError::file(path))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        list.arm.into_iter().map(|written| Self::new(written, folder)).collect()
    }

    /// Reads `name=kind,key=value,…`, as it is given on the command line.
    ///
    /// # Errors
    /// When the arm makes no sense.
    pub fn parse(text: &str) -> Result<Self, EvalError> {
        let wrong = |reason: String| EvalError::Arms(format!("{text:?}: {reason}"));
        let (name, rest) = text.split_once('=').ok_or_else(|| wrong("expected NAME=KIND,KEY=VALUE,…".to_owned()))?;
        let mut fields = rest.split(',');
        let mut table = toml::Table::new();
        table.insert("name".to_owned(), name.into());
        table.insert("kind".to_owned(), fields.next().unwrap_or_default().into());
        for field in fields {
            let (key, value) = field.split_once('=').ok_or_else(|| wrong(format!("{field:?} is no KEY=VALUE")))?;
            let value = value.parse::<i64>().map_or_else(|_| toml::Value::from(value), toml::Value::from);
            table.insert(key.to_owned(), value);
        }
        let written = table.try_into().map_err(|error: toml::de::Error| wrong(error.message().to_owned()))?;
        Self::new(written, Path::new(""))
    }

    fn new(written: Written, folder: &Path) -> Result<Self, EvalError> {
        let name = written.name.clone();
        let wrong = |reason: &str| EvalError::Arms(format!("arm {name:?}: {reason}"));
        let named = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '@' | '+' | '.');
        if name.is_empty() || name.starts_with('.') || !name.chars().all(named) {
            return Err(wrong("a name is made of letters, digits and - _ @ + . because a file is named after it"));
        }
        let model = ModelArm {
            model: written.model,
            adapter: written.adapter,
            prompt: written.prompt,
            seed: written.seed.unwrap_or(0),
            samples: written.samples.unwrap_or(1),
            max_scenarios: written.max_scenarios.unwrap_or(6),
        };
        if model.samples == 0 || !(3..=8).contains(&model.max_scenarios) {
            return Err(wrong("samples are at least 1, and max_scenarios 3 to 8"));
        }
        let plain = ModelArm { samples: 1, max_scenarios: 6, ..ModelArm::default() };
        let kind = match written.kind.as_str() {
            "model" => Kind::Model(model),
            "seed-prompt" if model.adapter.is_none() && model.prompt.is_none() => Kind::SeedPrompt(model),
            "seed-prompt" => return Err(wrong("a seed-prompt arm has neither adapter nor prompt: it is the control")),
            _ if model != plain => {
                return Err(wrong("only arms of kind model and seed-prompt have settings of a model"));
            }
            "reference" => Kind::Reference,
            "shuffled" => Kind::Shuffled,
            "template" => Kind::Template,
            "outputs" => {
                let file = written.file.clone().ok_or_else(|| wrong("outputs need a file"))?;
                Kind::Outputs(folder.join(file))
            }
            other => {
                let kinds = "reference, shuffled, template, outputs, model or seed-prompt";
                return Err(wrong(&format!("its kind is {other:?}, and there are {kinds}")));
            }
        };
        if written.file.is_some() && !matches!(kind, Kind::Outputs(_)) {
            return Err(wrong("only an arm of kind outputs has a file"));
        }
        Ok(Self { name, kind })
    }

    /// The model's settings, when a model writes here.
    pub fn model(&self) -> Option<&ModelArm> {
        match &self.kind {
            Kind::Model(model) | Kind::SeedPrompt(model) => Some(model),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_same_arm_from_a_file_and_from_the_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("arms.toml");
        std::fs::write(
            &path,
            "[[arm]]\nname = \"tuned\"\nkind = \"model\"\nadapter = \"default\"\nseed = 3\n\n[[arm]]\nname = \"other\"\nkind = \"outputs\"\nfile = \"made.jsonl\"\n",
        )
        .unwrap();
        let read = Arm::read(&path).unwrap();
        assert_eq!(read[0], Arm::parse("tuned=model,adapter=default,seed=3").unwrap());
        assert_eq!(read[1].kind, Kind::Outputs(folder.path().join("made.jsonl")));
    }

    #[test]
    fn arms_that_make_no_sense_are_refused_by_name() {
        for text in [
            "x",
            "x=",
            "x=haiku",
            "../x=reference",
            "x=reference,seed=3",
            "x=outputs",
            "x=template,file=a",
            "x=model,sed=3",
            "x=model,seed=soon",
            "x=model,samples=0",
            "x=seed-prompt,prompt=rule",
        ] {
            let error = Arm::parse(text).unwrap_err().to_string();
            assert!(error.starts_with("arms: ") && error.contains('x'), "{text}: {error}");
        }
    }
}
