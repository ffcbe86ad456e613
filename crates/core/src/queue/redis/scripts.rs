//! The scripts: each is one atomic step, known to the server by its hash and sent again when it has forgotten it.

use redis::{Cmd, Script};

use super::super::AGEING_MS;
use crate::clock::Millis;

/// What stands in Redis is read by this version's scripts alone: others have other keys, and are filled from the table of jobs.
const VERSION: &str = "2";

/// What the scripts share, in the order in which one part uses the other.
const COMMON: &str = concat!(
    include_str!("lua/common.lua"),
    "\n",
    include_str!("lua/lines.lua"),
    "\n",
    include_str!("lua/lanes.lua"),
    "\n",
    include_str!("lua/work.lua"),
    "\n",
    include_str!("lua/keep.lua"),
);

/// What every script is told, and the scripts.
pub(super) struct Frame {
    /// What all keys begin with: a hash tag, so that they lie together on one node of a cluster.
    prefix: String,
    tag: String,
    pub(super) limit: u32,
    pub(super) step: Script,
    pub(super) ahead: Script,
}

impl Frame {
    /// So many tickets of a class come to their tenant at once from those that lie outside, and at most twice as many stay there.
    pub(super) const FEW: u32 = 4;

    pub(super) fn new(queue: &str, limit: u32, few: u32) -> Self {
        let tag = format!("{{{queue}}}");
        let script = |text: &str| Script::new(&format!("local FEW = {few}\n{COMMON}\n{text}"));
        let (step, ahead) = (script(include_str!("lua/step.lua")), script(include_str!("lua/ahead.lua")));
        Self { prefix: format!("{tag}:{VERSION}"), tag, limit, step, ahead }
    }

    /// Begins a call, into which the script's own arguments go.
    pub(super) fn call(&self, script: &Script, now: Millis) -> Cmd {
        let mut call = redis::cmd("EVALSHA");
        call.arg(script.get_hash()).arg(1).arg(&self.prefix).arg(now).arg(self.limit).arg(AGEING_MS);
        call
    }

    pub(super) fn key(&self, name: &str) -> String {
        format!("{}:{name}", self.prefix)
    }

    /// Channels are common to all versions.
    pub(super) fn channel(&self, name: &str) -> String {
        format!("{}:{name}", self.tag)
    }
}
