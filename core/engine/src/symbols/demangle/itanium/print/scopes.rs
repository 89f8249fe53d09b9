//! What template parameters stand for: the arguments of the template whose function is being printed.

use super::super::node::{Id, List, NOTHING, Node};
use super::super::tree::DEPENDENT;
use super::Printer;

/// Parameters that stand for parameters are followed this far.
const MAX_CHAIN: usize = 64;

#[derive(Clone, Copy)]
struct Scope {
    arguments: List,
    /// What the arguments themselves are printed in.
    parent: u32,
}

/// The scopes that are open, and which of them is read.
#[derive(Default)]
pub(super) struct Scopes {
    open: Vec<Scope>,
    /// Counts from 1; 0 is none.
    current: u32,
    /// Which member of packs is being printed; None for all of them.
    pub(super) pack_index: Option<usize>,
    /// Parameters are those of a lambda.
    lambda: Option<List>,
    /// The arguments of the template whose name is being printed.
    template: Option<List>,
}

impl Scopes {
    pub(super) fn is_lambda(&self) -> bool {
        self.lambda.is_some()
    }
}

/// A node and the scope that it is read in.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) id: Id,
    scope: u32,
}

impl Printer<'_> {
    /// What a parameter stands for here.
    fn argument(&self, index: u32, scope: u32) -> Option<Place> {
        let scope = self.scopes.open.get(scope.checked_sub(1)? as usize)?;
        let id = *self.tree.items(scope.arguments).get(index as usize)?;
        let member = match (self.tree.node(id), self.scopes.pack_index) {
            (Node::Pack(list), Some(index)) => *self.tree.items(list).get(index)?,
            _ => id,
        };
        Some(Place { id: member, scope: scope.parent })
    }

    /// A node as it is read now.
    pub(super) fn here(&self, id: Id) -> Place {
        Place { id, scope: self.scopes.current }
    }

    /// The node itself, or what stands behind it if it is a parameter.
    pub(super) fn resolved(&self, mut place: Place) -> Place {
        if self.scopes.is_lambda() {
            return place;
        }
        for _ in 0..MAX_CHAIN {
            let Node::Parameter(index) = self.tree.node(place.id) else { break };
            let Some(argument) = self.argument(index, place.scope) else { break };
            place = argument;
        }
        place
    }

    /// Prints what a parameter stands for.
    pub(super) fn with_argument(
        &mut self,
        index: u32,
        print: impl FnOnce(&mut Self, Id) -> Option<()>,
    ) -> Option<()> {
        let argument = self.argument(index, self.scopes.current)?;
        self.at_place(argument, print)
    }

    pub(super) fn at_place(
        &mut self,
        place: Place,
        print: impl FnOnce(&mut Self, Id) -> Option<()>,
    ) -> Option<()> {
        let outer = std::mem::replace(&mut self.scopes.current, place.scope);
        self.enter()?;
        print(self, place.id)?;
        self.nesting -= 1;
        self.scopes.current = outer;
        Some(())
    }

    /// Prints something whose parameters stand for these arguments, if there are any.
    pub(super) fn in_scope(
        &mut self,
        arguments: Option<List>,
        print: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let Some(arguments) = arguments else { return print(self) };
        let (parent, count) = (self.scopes.current, self.scopes.open.len());
        self.scopes.open.push(Scope { arguments, parent });
        self.scopes.current = count as u32 + 1;
        print(self)?;
        self.scopes.open.truncate(count);
        self.scopes.current = parent;
        Some(())
    }

    /// Prints the parameters of a lambda, which has these template parameters.
    pub(super) fn in_lambda(
        &mut self,
        head: List,
        print: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let outer = self.scopes.lambda.replace(head);
        print(self)?;
        self.scopes.lambda = outer;
        Some(())
    }

    /// A parameter of a lambda: `auto:1`, or `$T0` if the lambda names its template parameters.
    pub(super) fn lambda_parameter(&mut self, index: u32) -> Option<()> {
        let head = self.scopes.lambda.unwrap_or_default();
        match self.tree.items(head).get(index as usize) {
            Some(&parameter) => self.template_parameter_name(parameter, index),
            None => {
                self.push(b"auto:")?;
                self.push_number(index.checked_add(1)?)
            }
        }
    }

    /// Prints the name of a template: conversion operators in it read the template's own arguments.
    pub(super) fn in_template(
        &mut self,
        arguments: Option<List>,
        print: impl FnOnce(&mut Self) -> Option<()>,
    ) -> Option<()> {
        let outer = std::mem::replace(&mut self.scopes.template, arguments);
        print(self)?;
        self.scopes.template = outer;
        Some(())
    }

    /// The arguments of the template whose name is being printed.
    pub(super) fn template_in_progress(&self) -> Option<List> {
        self.scopes.template
    }

    /// `pattern...`: once for each member of the pack in it.
    pub(super) fn expansion(&mut self, pattern: Id) -> Option<()> {
        let pack = if self.scopes.is_lambda() { None } else { self.pack_in(pattern)? };
        let Some(pack) = pack else {
            self.operand(pattern)?;
            return self.push(b"...");
        };
        let outer = self.scopes.pack_index;
        let mut is_first = true;
        for index in 0..self.tree.items(pack).len() {
            self.scopes.pack_index = Some(index);
            if !std::mem::take(&mut is_first) {
                self.push(b", ")?;
            }
            self.node(pattern)?;
        }
        self.scopes.pack_index = outer;
        Some(())
    }

    /// Prints packs as a whole.
    pub(super) fn with_whole_packs(&mut self, print: impl FnOnce(&mut Self) -> Option<()>) -> Option<()> {
        let outer = self.scopes.pack_index.take();
        print(self)?;
        self.scopes.pack_index = outer;
        Some(())
    }

    /// The first parameter pack beneath a node, as what it stands for. None if there is too much to look at.
    pub(super) fn pack_in(&mut self, id: Id) -> Option<Option<List>> {
        if self.tree.flags(id) & DEPENDENT == 0 {
            return Some(None);
        }
        self.enter()?;
        let found = match self.tree.node(id) {
            Node::Parameter(index) => self.pack_of(index),
            Node::Expansion(_) => None,
            node => self.pack_in_children(node)?,
        };
        self.nesting -= 1;
        Some(found)
    }

    fn pack_of(&self, index: u32) -> Option<List> {
        let scope = self.scopes.open.get(self.scopes.current.checked_sub(1)? as usize)?;
        let id = *self.tree.items(scope.arguments).get(index as usize)?;
        if let Node::Pack(list) = self.tree.node(id) { Some(list) } else { None }
    }

    fn pack_in_children(&mut self, node: Node) -> Option<Option<List>> {
        let (ids, lists) = self.tree.children(node);
        let tree = self.tree;
        for id in ids.into_iter().chain(lists.into_iter().flat_map(|list| tree.items(list)).copied()) {
            if id != NOTHING
                && let Some(found) = self.pack_in(id)?
            {
                return Some(Some(found));
            }
        }
        Some(None)
    }
}
