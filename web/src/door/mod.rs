//! The doors: each proves who calls and hands the handler what that caller may reach, and nothing else does.
//!
//! | door | proof | gives |
//! |---|---|---|
//! | [`Public`] | none | nothing of any tenant |
//! | [`Installer`] | RS256 by Atlassian's install key | the installation's own payload |
//! | [`LifecycleCaller`] | HS256 by the tenant's secret, bound to this request | the tenant, even when disabled |
//! | [`ConnectCaller`] | the same | the tenant and its [`Desk`] |
//! | [`HookCaller`] | the same, as the store knew the tenant a moment ago | the tenant's [`Desk`] |
//! | [`PersonCaller`] | HS256 by the tenant's secret in a context token, or RS256 by Forge's key for a page of ours | the tenant's [`Desk`] and the person |
//! | [`EventCaller`] | RS256 by Forge's key for an event | the tenant's [`Desk`] |
//! | [`ForgeInstaller`] | the same, for the installation itself | the installation, whatever its state |

mod bulk;
mod connect;
mod desk;
mod forge;
mod hook;
mod install;
mod limits;
mod modules;
mod person;
mod public;
mod rights;
mod services;
mod token;

pub(crate) use connect::{ConnectCaller, LifecycleCaller};
pub(crate) use desk::Desk;
pub(crate) use forge::{EventCaller, ForgeInstaller};
pub(crate) use hook::HookCaller;
pub(crate) use install::Installer;
pub(crate) use limits::Stranger;
pub(crate) use person::PersonCaller;
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
    /// A person in a page of ours: a context token of the tenant, or an invocation token of Forge's that names the page.
    Person,
    /// An invocation token of Forge's that names an event.
    Forge,
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
