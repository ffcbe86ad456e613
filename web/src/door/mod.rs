//! The doors: each proves who calls and hands the handler what that caller may reach, and nothing else does.
//!
//! | door | proof | gives |
//! |---|---|---|
//! | [`Public`] | none | nothing of any tenant |
//! | [`Installer`] | RS256 by Atlassian's install key | the installation's own payload |
//! | [`LifecycleCaller`] | HS256 by the tenant's secret, bound to this request | the tenant, even when disabled |
//! | [`ConnectCaller`] | the same | the tenant and its [`Desk`] |
//! | [`ContextCaller`] | HS256 by the tenant's secret, for a person in our page | the tenant's [`Desk`] and the person |

mod connect;
mod context;
mod desk;
mod install;
mod public;
mod rights;
mod services;
mod token;

pub(crate) use connect::{ConnectCaller, LifecycleCaller};
pub(crate) use context::ContextCaller;
pub(crate) use desk::Desk;
pub(crate) use install::Installer;
pub(crate) use public::Public;
pub(crate) use rights::Right;
pub(crate) use services::Services;
pub(crate) use token::FrameParent;

/// How a caller is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Anyone may call: nothing of any tenant is behind it.
    Public,
    /// A signed install or uninstall.
    Install,
    /// A token of the tenant, bound to this very request.
    Connect,
    /// A person's context token from our own page.
    Context,
}

/// An extractor that is a door.
pub(crate) trait Door {
    /// Which kind of proof it asks for.
    const KIND: Kind;
}

/// The arguments of a handler whose first one is a door.
pub(crate) trait Behind {
    /// The first argument's kind.
    const DOOR: Kind;
}

macro_rules! behind {
    ($($rest:ident),*) => {
        impl<D: Door, $($rest),*> Behind for (D, $($rest,)*) {
            const DOOR: Kind = D::KIND;
        }
    };
}

behind!();
behind!(A);
behind!(A, B);
behind!(A, B, C);
