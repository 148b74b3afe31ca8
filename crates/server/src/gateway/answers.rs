//! Which of our answers arrived, as far as TCP lets one know: an answer did when it was written and
//! something came from the peer a while later.

use std::collections::VecDeque;
use std::time::Duration;

use super::redelivery::TextId;

/// Answers on their way to the peer.
#[derive(Debug)]
pub(super) struct Answers {
    /// Given to the session, not yet to the connection.
    fresh: Vec<TextId>,
    /// Given to the connection in pieces.
    pieces: VecDeque<Piece>,
    settles: Duration,
}

#[derive(Debug)]
struct Piece {
    /// Octets that were to be written when the last of these answers is.
    end: u64,
    written_at: Option<Duration>,
    texts: Vec<TextId>,
}

impl Answers {
    pub(super) fn new(settles: Duration) -> Answers {
        Answers { fresh: Vec::new(), pieces: VecDeque::new(), settles }
    }

    /// The text was answered OK.
    pub(super) fn given(&mut self, text: TextId) {
        self.fresh.push(text);
    }

    /// Everything the session wanted written was handed over, up to this octet.
    pub(super) fn queued(&mut self, end: u64) {
        if !self.fresh.is_empty() {
            let texts = std::mem::take(&mut self.fresh);
            self.pieces.push_back(Piece { end, written_at: None, texts });
        }
    }

    /// The system took everything up to this octet.
    pub(super) fn written(&mut self, up_to: u64, now: Duration) {
        for piece in self.pieces.iter_mut().take_while(|piece| piece.end <= up_to) {
            piece.written_at.get_or_insert(now);
        }
    }

    /// Something came from the peer: the texts whose answers it has seen by now.
    pub(super) fn heard(&mut self, now: Duration) -> Vec<TextId> {
        let settled = now.checked_sub(self.settles);
        self.take(|at| settled.is_some_and(|settled| at <= settled))
    }

    /// The session ended in good order: the texts whose answers were written.
    pub(super) fn ended_well(&mut self) -> Vec<TextId> {
        self.take(|_| true)
    }

    fn take(&mut self, arrived: impl Fn(Duration) -> bool) -> Vec<TextId> {
        let mut texts = Vec::new();
        while let Some(piece) = self.pieces.front_mut()
            && piece.written_at.is_some_and(&arrived)
        {
            texts.append(&mut piece.texts);
            self.pieces.pop_front();
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn an_answer_arrived_when_something_came_a_while_after_it_was_written() {
        let mut answers = Answers::new(MS * 100);
        answers.given(1);
        answers.given(2);
        assert!(answers.heard(MS * 1000).is_empty(), "not handed over");
        answers.queued(34);
        answers.given(3);
        answers.queued(51);
        answers.written(33, MS * 1000);
        assert!(answers.heard(MS * 2000).is_empty(), "an octet is missing");
        answers.written(40, MS * 2000);
        assert!(answers.heard(MS * 2099).is_empty(), "may have been under way before");
        answers.written(51, MS * 2100);
        assert_eq!(answers.heard(MS * 2100), [1, 2]);
        assert_eq!(answers.ended_well(), [3]);
    }
}
