//! The scripts: each is one atomic step, known to the server by its hash and sent again when it has forgotten it.

use std::sync::LazyLock;

use redis::{Script, ScriptInvocation};

use super::super::AGEING_MS;
use crate::clock::Millis;

macro_rules! script {
    ($name:ident, $file:literal) => {
        pub(super) static $name: LazyLock<Script> =
            LazyLock::new(|| Script::new(concat!(include_str!("lua/common.lua"), "\n", include_str!($file))));
    };
}

script!(PUSH, "lua/push.lua");
script!(TAKE, "lua/take.lua");
script!(WORK, "lua/work.lua");
script!(REMOVE, "lua/remove.lua");
script!(AHEAD, "lua/ahead.lua");

/// What every script is told.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    /// What all keys begin with: a hash tag, so that they lie together on one node of a cluster.
    pub(super) prefix: String,
    pub(super) limit: u32,
}

impl Frame {
    pub(super) fn call<'a>(&self, script: &'a Script, now: Millis) -> ScriptInvocation<'a> {
        let mut call = script.prepare_invoke();
        call.key(&self.prefix).arg(now).arg(self.limit).arg(AGEING_MS);
        call
    }

    pub(super) fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }
}
