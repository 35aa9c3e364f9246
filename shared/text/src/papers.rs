//! What papers about payments are called on a customer's disk.

use domain::{paper::Paper, payment::Payment};
use jiff::civil::Date;

use crate::Words;

impl Words {
    /// The file's name: with the deposit number where there is one, else with the day of the payment.
    #[must_use]
    pub fn paper_file(&self, paper: Paper, payment: &Payment, paid_on: Date) -> String {
        let number = payment.deposit.clone().unwrap_or_else(|| paid_on.to_string());
        match paper {
            Paper::DepositRequest => self.papers_request_file(number),
            Paper::DepositConfirmation => self.papers_confirmation_file(number),
            Paper::Receipt => self.papers_receipt_file(number),
        }
    }
}
