//! Declarations that were made without signing in: kept for good, whatever they mean, and each form only once.
//!
//! access patterns: put, with the guard of its form and its event · one by the hash of its page's token, which is that of its
//! form (consistent) · one by its id (consistent) · list, newest first · those to be answered, oldest first · answer (rev as
//! seen) · its paper, once ·
//! keys: T#t#DECL / id; todo T#t#DECLQ / instant#id while open; T#t#DECLF#hash / FORM, ttl 30 days; T#t#DECL#id /
//! FILE#pdf

use domain::{
    change::Change,
    declaration::{Declaration, SHOWN_FOR},
    id::DeclarationId,
};
use serde::{Deserialize, Serialize};

use crate::{
    CommitError, Loaded, Page, StoreError, StoredFile, TenantStore,
    access::{Index, Range, query, query_index},
    item::{Item, kind, read},
    key::instant,
};

/// A form that was sent: what its token opens.
#[derive(Debug, Serialize, Deserialize)]
struct SentForm {
    declaration: DeclarationId,
}

kind! { Declaration = "declaration"; SentForm = "declaration_form"; }

impl TenantStore {
    /// Keeps a declaration, once for each form.
    ///
    /// # Errors
    /// `Refused("form")` when this form was sent before.
    pub async fn receive_declaration(&self, token_hash: &str, change: &Change<Declaration>) -> Result<(), CommitError> {
        let declaration = change.next();
        let guard = SentForm { declaration: declaration.id.clone() };
        let guard = Item::new(self.scope.declaration_form(token_hash), &guard, 1)
            .map(|item| item.expiring(declaration.received_at + SHOWN_FOR));
        self.commit()
            .create("form", guard)
            .create("declaration", self.declaration_item(declaration, 1))
            .events(declaration.matched.customer(), change.events())
            .run()
            .await
    }

    /// The declaration whose page a token opens; also what its form became when it was sent before.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn declaration_of_page(&self, token_hash: &str) -> Result<Option<Loaded<Declaration>>, StoreError> {
        let sent: Option<Loaded<SentForm>> = self.get(self.scope.declaration_form(token_hash), true).await?;
        match sent {
            Some(sent) => self.declaration(&sent.value.declaration).await,
            None => Ok(None),
        }
    }

    /// One declaration.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn declaration(&self, id: &DeclarationId) -> Result<Option<Loaded<Declaration>>, StoreError> {
        self.get(self.scope.declaration(id), true).await
    }

    /// All declarations, newest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn declarations(&self, limit: u16, after: Option<String>) -> Result<Page<Declaration>, StoreError> {
        let range = Range::prefix(self.scope.declarations(), "", i32::from(limit)).newest_first().after(after);
        let page = query(&self.store, range).await?;
        let items = page.items.into_iter().map(|raw| read(raw).map(|loaded| loaded.value)).collect::<Result<_, _>>()?;
        Ok(Page { items, next: page.next })
    }

    /// Those that staff have not answered, oldest first.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn open_declarations(&self, limit: u16, after: Option<String>) -> Result<Page<Declaration>, StoreError> {
        let range = Range::prefix(self.scope.declarations_open(), "", i32::from(limit)).after(after);
        let page = query_index(&self.store, Index::Todo, range).await?;
        let items = self.get_rows::<Declaration>(&page.items).await?.into_iter().map(|loaded| loaded.value);
        // The index may still name one that was answered a moment ago.
        Ok(Page { items: items.filter(Declaration::is_open).collect(), next: page.next })
    }

    /// Keeps staff's answer.
    ///
    /// # Errors
    /// `Refused("declaration")` when somebody else answered it meanwhile.
    pub async fn answer_declaration(
        &self,
        seen: &Loaded<Declaration>,
        change: &Change<Declaration>,
    ) -> Result<(), CommitError> {
        let declaration = change.next();
        self.commit()
            .replace("declaration", self.declaration_item(declaration, seen.rev + 1), seen.rev)
            .events(declaration.matched.customer(), change.events())
            .run()
            .await
    }

    /// The paper of a declaration, where it was written before.
    ///
    /// # Errors
    /// The table's errors.
    pub async fn declaration_paper(&self, id: &DeclarationId) -> Result<Option<StoredFile>, StoreError> {
        let found: Option<Loaded<StoredFile>> = self.get(self.scope.declaration_part(id, "FILE#pdf"), true).await?;
        Ok(found.map(|found| found.value))
    }

    /// Notes the paper that lies in the bucket, once.
    ///
    /// # Errors
    /// `Refused("file")` when one is noted already.
    pub async fn add_declaration_paper(&self, id: &DeclarationId, file: &StoredFile) -> Result<(), CommitError> {
        let key = self.scope.declaration_part(id, "FILE#pdf");
        self.commit().create("file", Item::new(key, file, 1)).run().await
    }

    fn declaration_item(&self, declaration: &Declaration, rev: u64) -> Result<Item, StoreError> {
        let item = Item::new(self.scope.declaration(&declaration.id), declaration, rev)?;
        if !declaration.is_open() {
            return Ok(item);
        }
        let sort = format!("{}#{}", instant(declaration.received_at), declaration.id);
        Ok(item.todo(self.scope.declarations_open(), sort))
    }
}
