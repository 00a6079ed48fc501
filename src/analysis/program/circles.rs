//! Which modules import each other: found once for the whole program, in time that grows with its imports.

use std::collections::VecDeque;

/// The files of a program by the circles that they are in.
#[derive(Debug, Default)]
pub(super) struct Circles {
    /// The files that each imports.
    next: Vec<Vec<usize>>,
    /// Files with the same number lead to each other.
    circle: Vec<usize>,
}

impl Circles {
    /// Of files that import these.
    pub(super) fn of(next: Vec<Vec<usize>>) -> Circles {
        let mut before = vec![Vec::new(); next.len()];
        for (file, targets) in next.iter().enumerate() {
            targets.iter().for_each(|target| before[*target].push(file));
        }
        let mut circle = vec![usize::MAX; next.len()];
        // What leads to a file that is left last, and has no number yet, is led to by it, too.
        for file in order_of_leaving(&next).into_iter().rev() {
            let mut waiting = vec![file];
            while let Some(other) = waiting.pop() {
                if circle[other] == usize::MAX {
                    circle[other] = file;
                    waiting.extend(&before[other]);
                }
            }
        }
        Circles { next, circle }
    }

    /// The shortest way from a file to another, both included, where that one also leads back.
    pub(super) fn way(&self, from: usize, to: usize) -> Option<Vec<usize>> {
        if self.circle[from] != self.circle[to] {
            return None;
        }
        let (mut from_where, mut waiting) = (vec![None; self.next.len()], VecDeque::from([from]));
        from_where[from] = Some(from);
        while let Some(file) = waiting.pop_front().filter(|file| *file != to) {
            for target in self.next[file].iter().filter(|target| self.circle[**target] == self.circle[to]) {
                if from_where[*target].is_none() {
                    from_where[*target] = Some(file);
                    waiting.push_back(*target);
                }
            }
        }
        let mut way = vec![to];
        while let Some(file) = way.last().copied().filter(|file| *file != from) {
            way.push(from_where[file]?);
        }
        way.reverse();
        Some(way)
    }
}

/// The files in the order in which a walk in depth has seen all that they import.
fn order_of_leaving(next: &[Vec<usize>]) -> Vec<usize> {
    let (mut left, mut seen) = (Vec::new(), vec![false; next.len()]);
    for start in 0..next.len() {
        let mut way = Vec::new();
        if !std::mem::replace(&mut seen[start], true) {
            way.push((start, next[start].iter()));
        }
        while let Some((file, targets)) = way.last_mut() {
            match targets.next() {
                Some(target) if seen[*target] => {}
                Some(target) => {
                    seen[*target] = true;
                    way.push((*target, next[*target].iter()));
                }
                None => {
                    left.push(*file);
                    way.pop();
                }
            }
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_leads_back_only_within_a_circle() {
        let circles = Circles::of(vec![vec![1, 3], vec![2], vec![1, 2, 3], vec![]]);
        assert_eq!(circles.way(1, 2), Some(vec![1, 2]));
        assert_eq!(circles.way(2, 1), Some(vec![2, 1]));
        assert_eq!(circles.way(2, 2), Some(vec![2]));
        assert_eq!(circles.way(0, 1), None);
        assert_eq!(circles.way(3, 2), None);
    }

    #[test]
    fn the_way_is_the_shortest() {
        let circles = Circles::of(vec![vec![1, 2], vec![2], vec![3], vec![0]]);
        assert_eq!(circles.way(0, 3), Some(vec![0, 2, 3]));
        assert_eq!(circles.way(1, 0), Some(vec![1, 2, 3, 0]));
    }
}
