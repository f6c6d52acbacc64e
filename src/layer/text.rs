//! Columns of texts: one after the other in an arena, or codes into a sorted dictionary where few texts repeat.

use hashbrown::HashMap;

use super::section::{Section, SectionVisitor};

/// Texts are held in a dictionary if no more than one row in four brings a new one.
const ROWS_PER_DISTINCT: usize = 4;

/// A text per row.
#[derive(Debug, Clone)]
pub(crate) enum Texts {
    Plain(Arena),
    Dictionary { codes: Codes, words: Arena },
}

/// A column's texts do not fit in 4 GiB, the reach of the 32-bit offsets that keep an address at a few bytes a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooMuchText;

/// Texts one after the other. `ends[i]` is the end of the i-th.
#[derive(Debug, Clone, Default)]
pub(crate) struct Arena {
    ends: Section<u32>,
    bytes: Section<u8>,
}

/// Places in a dictionary, in the narrowest width.
#[derive(Debug, Clone)]
pub(crate) enum Codes {
    W1(Section<u8>),
    W2(Section<u16>),
    W4(Section<u32>),
}

impl Texts {
    /// Builds the column from the texts in row order (`""` for nulls).
    pub(super) fn build<'a>(
        rows: usize,
        text: impl Fn(usize) -> &'a str,
    ) -> Result<Self, TooMuchText> {
        Ok(match dictionary(rows, &text) {
            Some((codes, words)) => Self::Dictionary {
                codes: Codes::narrow(codes, words.len()),
                words: Arena::build(words.into_iter())?,
            },
            None => Self::Plain(Arena::build((0..rows).map(text))?),
        })
    }

    /// The bytes of a row's text.
    pub(super) fn bytes_of(&self, row: usize) -> &[u8] {
        match self {
            Self::Plain(a) => a.bytes_of(row),
            Self::Dictionary { codes, words } => words.bytes_of(codes.get(row)),
        }
    }

    pub(crate) fn get(&self, row: usize) -> &str {
        match self {
            Self::Plain(a) => a.get(row),
            Self::Dictionary { codes, words } => words.get(codes.get(row)),
        }
    }

    pub(super) fn shape(&self) -> (bool, u8) {
        match self {
            Self::Plain(_) => (false, 0),
            Self::Dictionary { codes, .. } => (true, codes.width()),
        }
    }

    pub(super) fn of_shape(dictionary: bool, width: u8) -> Option<Self> {
        if !dictionary {
            return Some(Self::Plain(Arena::default()));
        }
        let codes = match width {
            1 => Codes::W1(Section::default()),
            2 => Codes::W2(Section::default()),
            4 => Codes::W4(Section::default()),
            _ => return None,
        };
        Some(Self::Dictionary {
            codes,
            words: Arena::default(),
        })
    }

    pub(super) fn visit<V: SectionVisitor>(
        &mut self,
        name: &str,
        v: &mut V,
    ) -> Result<(), V::Error> {
        match self {
            Self::Plain(a) => a.visit(name, v),
            Self::Dictionary { codes, words } => {
                match codes {
                    Codes::W1(s) => v.section(&format!("{name}.codes"), s),
                    Codes::W2(s) => v.section(&format!("{name}.codes"), s),
                    Codes::W4(s) => v.section(&format!("{name}.codes"), s),
                }?;
                words.visit(name, v)
            }
        }
    }

    pub(super) fn is_sound(&self, rows: usize) -> bool {
        match self {
            Self::Plain(a) => a.ends.len() == rows && a.is_sound(),
            Self::Dictionary { codes, words } => {
                words.is_sound() && codes.is_sound(rows, words.ends.len())
            }
        }
    }
}

impl Arena {
    pub(super) fn build<'a>(texts: impl Iterator<Item = &'a str>) -> Result<Self, TooMuchText> {
        let mut ends = Vec::with_capacity(texts.size_hint().0);
        let mut bytes = Vec::new();
        for text in texts {
            bytes.extend_from_slice(text.as_bytes());
            if bytes.len() > u32::MAX as usize {
                return Err(TooMuchText);
            }
            ends.push(bytes.len() as u32);
        }
        Ok(Self {
            ends: ends.into(),
            bytes: bytes.into(),
        })
    }

    /// The empty text alone.
    pub(super) fn of_one() -> Self {
        Self {
            ends: vec![0].into(),
            bytes: Section::default(),
        }
    }

    fn bytes_of(&self, index: usize) -> &[u8] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start as usize..self.ends[index] as usize]
    }

    pub(crate) fn get(&self, index: usize) -> &str {
        let bytes = self.bytes_of(index);
        // Written from `str`s; a snapshot is checked whole before it is believed, and a damaged page must not become a panic.
        std::str::from_utf8(bytes).unwrap_or("")
    }

    pub(super) fn visit<V: SectionVisitor>(
        &mut self,
        name: &str,
        v: &mut V,
    ) -> Result<(), V::Error> {
        v.section(&format!("{name}.ends"), &mut self.ends)?;
        v.section(&format!("{name}.bytes"), &mut self.bytes)
    }

    /// As filters see it.
    pub(super) fn as_texts(&self) -> crate::filter::Texts<'_> {
        crate::filter::Texts {
            ends: &self.ends,
            bytes: &self.bytes,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of its two sections.
    pub(super) fn sections(&self) -> [usize; 2] {
        [self.ends.bytes(), self.bytes.bytes()]
    }

    pub(super) fn is_sound(&self) -> bool {
        let last = self.ends.last().copied().unwrap_or(0);
        self.ends.is_sorted() && last as usize == self.bytes.len()
    }
}

impl Codes {
    fn narrow(codes: Vec<u32>, words: usize) -> Self {
        if words <= 1 << 8 {
            Self::W1(codes.iter().map(|c| *c as u8).collect::<Vec<_>>().into())
        } else if words <= 1 << 16 {
            Self::W2(codes.iter().map(|c| *c as u16).collect::<Vec<_>>().into())
        } else {
            Self::W4(codes.into())
        }
    }

    fn get(&self, row: usize) -> usize {
        match self {
            Self::W1(s) => s[row].into(),
            Self::W2(s) => s[row].into(),
            Self::W4(s) => s[row] as usize,
        }
    }

    fn width(&self) -> u8 {
        match self {
            Self::W1(_) => 1,
            Self::W2(_) => 2,
            Self::W4(_) => 4,
        }
    }

    fn is_sound(&self, rows: usize, words: usize) -> bool {
        match self {
            Self::W1(s) => s.len() == rows && s.iter().all(|c| usize::from(*c) < words),
            Self::W2(s) => s.len() == rows && s.iter().all(|c| usize::from(*c) < words),
            Self::W4(s) => s.len() == rows && s.iter().all(|c| (*c as usize) < words),
        }
    }
}

/// Codes by row and the words in byte order, `None` if too few rows repeat.
fn dictionary<'a>(
    rows: usize,
    text: &impl Fn(usize) -> &'a str,
) -> Option<(Vec<u32>, Vec<&'a str>)> {
    let most = rows / ROWS_PER_DISTINCT;
    // A column of unique texts shows itself early: look at rows spread over the layer before hashing all of it.
    const SAMPLE: usize = 2048;
    if rows > 4 * SAMPLE {
        let sample: hashbrown::HashSet<&str> =
            (0..SAMPLE).map(|i| text(i * (rows / SAMPLE))).collect();
        if sample.len() > SAMPLE * 3 / 4 {
            return None;
        }
    }
    let mut places: HashMap<&str, u32> = HashMap::new();
    let mut words: Vec<&str> = Vec::new();
    let mut codes = Vec::with_capacity(rows);
    for row in 0..rows {
        let word = text(row);
        let code = *places.entry(word).or_insert_with(|| {
            words.push(word);
            words.len() as u32 - 1
        });
        if words.len() > most {
            return None;
        }
        codes.push(code);
    }
    // In byte order, so that a comparison of texts is a comparison of codes.
    let mut order: Vec<u32> = (0..words.len() as u32).collect();
    order.sort_unstable_by_key(|i| words[*i as usize]);
    let mut rank = vec![0u32; words.len()];
    for (place, old) in order.iter().enumerate() {
        rank[*old as usize] = place as u32;
    }
    for code in &mut codes {
        *code = rank[*code as usize];
    }
    let words = order.iter().map(|i| words[*i as usize]).collect();
    Some((codes, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_words_make_a_dictionary_in_byte_order() {
        let words = [
            "route", "chemin", "", "route", "chemin", "route", "route", "route", "a", "a", "a",
            "a", "a", "a", "a", "a",
        ];
        let texts = Texts::build(words.len(), |i| words[i]).unwrap();
        assert!(matches!(texts, Texts::Dictionary { .. }));
        for (i, w) in words.iter().enumerate() {
            assert_eq!(texts.get(i), *w);
        }
        assert!(texts.is_sound(words.len()));
    }

    #[test]
    fn unique_texts_stay_plain() {
        let words: Vec<String> = (0..100).map(|i| format!("id-{i}")).collect();
        let texts = Texts::build(words.len(), |i| &words[i]).unwrap();
        assert!(matches!(texts, Texts::Plain(_)));
        assert_eq!(texts.get(99), "id-99");
    }
}
