//! Reading cases, their timelines and their figures.

use super::{Backend, Store, both};
use crate::{CaseEntry, CaseEventRow, CaseFilter, Page, StoreError};

impl Store {
    /// One case.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] when there is none.
    pub async fn case(&self, number: i64) -> Result<CaseEntry, StoreError> {
        both!(self, case(number))
    }

    /// Cases that fit, last changed first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn cases(&self, filter: &CaseFilter, page: Page) -> Result<Vec<CaseEntry>, StoreError> {
        both!(self, cases(filter, page))
    }

    /// How many cases fit.
    ///
    /// # Errors
    /// What the database said.
    pub async fn count_cases(&self, filter: &CaseFilter) -> Result<i64, StoreError> {
        both!(self, count_cases(filter))
    }

    /// The timeline of a case, newest first.
    ///
    /// # Errors
    /// What the database said.
    pub async fn case_events(&self, number: i64) -> Result<Vec<CaseEventRow>, StoreError> {
        both!(self, case_events(number))
    }
}
