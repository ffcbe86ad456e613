//! The model in this process, and one behind a server, as writers of criteria.

use async_trait::async_trait;
use brine_model::remote::RemoteWriter;
use brine_model::{DraftEvent, DraftRequest, Drafted, ScenarioRequest, WriteError, Writer, WrittenScenario};
use tokio_util::sync::CancellationToken;

use crate::ports::CriteriaWriter;

#[async_trait]
impl CriteriaWriter for Writer {
    async fn draft(
        &self,
        request: DraftRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<Drafted, WriteError> {
        // Dropping the call drops the guard, and that stops decoding.
        let token = cancel.child_token();
        let _stop = token.clone().drop_guard();
        Writer::draft(self, request, token, on).await
    }

    async fn scenario(
        &self,
        request: ScenarioRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<WrittenScenario, WriteError> {
        let token = cancel.child_token();
        let _stop = token.clone().drop_guard();
        Writer::scenario(self, request, token, on).await
    }

    async fn probe(&self) -> Result<(), WriteError> {
        Writer::probe(self).await
    }
}

#[async_trait]
impl CriteriaWriter for RemoteWriter {
    async fn draft(
        &self,
        request: DraftRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<Drafted, WriteError> {
        RemoteWriter::draft(self, request, cancel, on).await
    }

    async fn scenario(
        &self,
        request: ScenarioRequest,
        cancel: CancellationToken,
        on: &mut (dyn FnMut(DraftEvent) + Send),
    ) -> Result<WrittenScenario, WriteError> {
        RemoteWriter::scenario(self, request, cancel, on).await
    }

    async fn probe(&self) -> Result<(), WriteError> {
        RemoteWriter::probe(self).await
    }
}
