//! What the story leaves open.

use brine_core::gherkin::{Criteria, QUESTION};
use brine_core::prompt::{Message, Role, plan};

use super::super::request::WriteError;
use super::super::scripts::{QuestionScript, QuestionsScript};
use super::Run;
use super::ask::Ask;

/// After so many tokens, a question comes to its end.
const QUESTION_TOKENS: usize = 40;
/// Questions about a thin story.
const QUESTIONS: u64 = 2;

impl Run<'_> {
    /// What a model that was trained for it asks about the story: about a thin one at least two questions.
    pub(super) async fn own_questions(&mut self) -> Result<Vec<String>, WriteError> {
        let ask = self.questions_ask();
        let text = self.ask_one(ask, &mut |_| ()).await?;
        Ok(self.questions_of(&text))
    }

    pub(super) fn questions_ask(&self) -> Ask {
        let messages = self.template.render(self.request.story.summary(), self.description, None);
        let least = if self.is_thin() { QUESTIONS as usize } else { 0 };
        let script = Box::new(QuestionsScript::new(self.lexicon.clone(), least));
        let sampling = self.manner().sampling(self.seed, 0, QUESTION_TOKENS * 3);
        Ask { messages, script, sampling, favoured: String::new(), given: 0 }
    }

    /// The questions of an answer, each once.
    pub(super) fn questions_of(&self, text: &str) -> Vec<String> {
        let mut questions: Vec<String> = Vec::new();
        for question in text.lines().filter_map(|line| line.strip_prefix(QUESTION)) {
            if !questions.iter().any(|known| known == question) {
                questions.push(question.to_owned());
            }
        }
        questions
    }

    /// Two questions about what a thin story leaves open, asked behind the criteria as they stand.
    pub(super) async fn questions_behind(&mut self, criteria: &Criteria) -> Result<Vec<String>, WriteError> {
        let Some(focus) = plan(&self.request.story, 3).into_iter().next() else { return Ok(Vec::new()) };
        let mut messages = self.template.render(self.request.story.summary(), self.description, Some(&focus));
        messages.push(Message { role: Role::Assistant, content: criteria.to_text() });
        let wish = "Ask one question that the story leaves open and that a tester must know.";
        messages.push(Message { role: Role::User, content: wish.to_owned() });
        let ask = |number: u64| {
            let mut sampling = self.manner().sampling(self.seed, 0, QUESTION_TOKENS);
            sampling.seed = sampling.seed.wrapping_add(number << 16);
            let script = Box::new(QuestionScript::new(self.lexicon.clone()));
            Ask { messages: messages.clone(), script, sampling, favoured: String::new(), given: 0 }
        };
        let asks = (0..QUESTIONS).map(ask).collect();
        let mut questions: Vec<String> = Vec::new();
        for answer in self.ask(asks, &mut |_| ()).await? {
            let question = answer.text.trim().to_owned();
            if !questions.contains(&question) {
                questions.push(question);
            }
        }
        Ok(questions)
    }
}
