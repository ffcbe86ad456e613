//! What a line of a story is, told by its structure alone and never by its words.

/// The kind of a line, and of the sentences in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LineKind {
    /// The story's first line.
    Summary,
    /// Running text.
    Prose,
    /// An item of a list, numbered or not.
    Bullet,
    /// Names what stands below it: a heading, or a line that ends with a colon before a list, a table or code.
    Heading,
    /// Names the columns of the rows below it.
    TableHeader,
    /// A row of a table.
    TableRow,
    /// A line of code or sample data, or the line that announces a block of it.
    Code,
    /// A line whose columns somebody kept as they are, in a block of no programming language: formulas, arrows, a log.
    Preformatted,
    /// Nothing but files, with or without a label.
    Attachment,
    /// Nothing but an address, with or without a label.
    Link,
    /// Who, until when, how far: nothing but people, dates and states behind a label.
    Meta,
    /// An item with a box to tick.
    Task {
        /// The box is ticked.
        done: bool,
    },
}

impl LineKind {
    /// Whether a line of this kind can say how the product behaves. Names, sample data, files, addresses and what is done
    /// can't.
    pub fn can_be_rule(self) -> bool {
        match self {
            Self::Summary
            | Self::Prose
            | Self::Bullet
            | Self::TableRow
            | Self::Preformatted
            | Self::Task { done: false } => true,
            Self::Heading
            | Self::TableHeader
            | Self::Code
            | Self::Attachment
            | Self::Link
            | Self::Meta
            | Self::Task { done: true } => false,
        }
    }
}

/// A line of a description in Brine's own form (`adf::lines`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As it stands in the description, with its list's mark and its indent.
    pub text: String,
    /// What it is, where whoever made the line knows. None of these lines is searched for markup.
    pub kind: Option<LineKind>,
}

impl Line {
    /// A line of which nothing is known yet.
    pub fn open(text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: None }
    }

    /// A line of a known kind.
    pub fn new(kind: LineKind, text: impl Into<String>) -> Self {
        Self { text: text.into(), kind: Some(kind) }
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}
