//! A key as words, so that two people can compare it by voice or at a glance.

use crate::jose::fixed;

/// 256 short concrete nouns, no two of which begin with the same three letters. They are English in
/// every language: coach and participant must see the same.
const WORDS: &str = "acorn album amber anchor apple arch arrow aspen atlas attic autumn axle bacon badge \
    bamboo banjo barn basil beach bell birch bison blanket boat bonnet bridge brush bucket \
    butter cabin cactus camel candle carrot castle cedar chalk cherry circle clover coast \
    cobalt comet copper coral cotton cradle crystal curtain daisy dancer denim desert dinner \
    dolphin donkey dragon drum dune eagle earth easel echo elbow elm ember engine estate \
    fabric falcon feather fence fern fiddle field finch flag flute forest fossil fox frost \
    galaxy garden gecko giraffe glove goat granite guitar hammer harbor hazel hedge helmet \
    heron hill honey hotel iceberg igloo indigo inlet iron island ivory jacket jaguar \
    jasmine jelly jewel jigsaw jungle kayak kettle kite kiwi koala ladder lagoon lake \
    lantern laurel lemon lilac linen lizard llama locket lotus lumber magnet mango maple \
    marble meadow melon mint mirror mitten moss motor museum napkin nectar needle nest \
    nickel north nutmeg oasis oboe ocean olive onion opal orbit orchid otter oven owl oyster \
    paddle palace panda paper parrot peach pebble pelican pencil piano pigeon pillow pine \
    planet plum pocket pony poppy prairie pumpkin puzzle quarry quill rabbit radish raft \
    rain raven ribbon river robin rocket rose ruby rudder saddle salmon sandal scarf school \
    seal shell silver sketch snow sofa sparrow spider spoon squid stable sugar summer sunset \
    swan table tailor teapot temple thistle thunder ticket tiger toast tomato torch tower \
    train tulip tunnel turtle umbrella unicorn urchin vanilla velvet violin volcano voyage \
    wagon walnut water whale wheat willow window wizard wolf yacht yellow yogurt zebra \
    zenith zipper";

/// The first 64 bits of a key's thumbprint as eight words; nothing if it is no thumbprint.
///
/// Someone who wants another key with the same words would have to make 2^64 keys.
///
/// ```
/// // RFC 8037 appendix A.3
/// let words = scoring::words::key_words("kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
/// assert_eq!(words.unwrap().split(' ').count(), 8);
/// ```
#[must_use]
pub fn key_words(thumbprint: &str) -> Option<String> {
    let digest: [u8; 32] = fixed(thumbprint)?;
    let words = digest.iter().take(8).filter_map(|byte| WORDS.split(' ').nth(usize::from(*byte)));
    Some(words.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn words_cannot_be_mistaken_for_one_another() {
        let words: Vec<&str> = WORDS.split(' ').collect();
        let beginnings: BTreeSet<&str> = words.iter().map(|word| &word[..3]).collect();
        assert_eq!((words.len(), beginnings.len()), (256, 256));
    }

    /// The thumbprint's bytes are 90 fa ca fe …: RFC 8037 prints it in base64url.
    #[test]
    fn each_byte_is_one_word() {
        let kid = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
        let words = key_words(kid).unwrap();
        let expected: Vec<&str> = [0x90, 0xfa, 0xca, 0xfe]
            .map(|byte: usize| WORDS.split(' ').nth(byte).unwrap())
            .to_vec();
        assert_eq!(words.split(' ').take(4).collect::<Vec<_>>(), expected);
        assert_eq!(key_words("kPrK"), None);
    }
}
