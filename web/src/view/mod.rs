//! What our pages get to see of jobs and drafts, as JSON in camel case.

mod bulk;
mod draft;
mod job;

pub(crate) use bulk::BulkView;
pub(crate) use draft::DraftView;
pub(crate) use job::JobView;
