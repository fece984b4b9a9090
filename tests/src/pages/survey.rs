use crate::browser::{Browser, World};
use crate::pages::Review;
use crate::respondent::{Act, Plan};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The screens of questions.
#[derive(Debug)]
pub struct Survey<'a>(&'a World);

/// Where “Next” led.
#[derive(Debug)]
pub enum Next<'a> {
    /// To another screen.
    Screen(Survey<'a>),
    /// To the review.
    Review(Review<'a>),
}

/// The items on the screen, in order; null while there is none.
const ITEMS: &str = "return [...document.querySelectorAll('main[data-page=answer] [id^=item-]')].map((e) => e.id.slice(5))";

/// Everything answered on this screen, as a person sees it.
const ANSWERED: &str = "
const found = {};
for (const item of document.querySelectorAll('main [id^=item-]')) {
  const id = item.id.slice(5);
  const checked = item.querySelector('input[type=radio]:checked');
  const text = item.querySelector('textarea');
  const picked = [...item.querySelectorAll('[data-action=pick][aria-pressed=true]')];
  const place = (e) => Number(e.querySelector('.pick-place')?.textContent ?? 0);
  if (checked) found[id] = checked.value;
  else if (text?.value) found[id] = text.value;
  else if (picked.length) found[id] = picked.sort((a, b) => place(a) - place(b)).map((e) => e.dataset.item).join(' ');
}
return found";

impl<'a> Survey<'a> {
    pub(super) fn of(world: &'a World) -> Self {
        Survey(world)
    }

    /// Comes to a screen by its address.
    pub async fn open(world: &'a World, survey: &str, rater: &str, screen: usize) -> Self {
        world.open(&format!("#/survey/{survey}/{rater}/{screen}"), "answer").await;
        Survey(world)
    }

    fn browser(&self) -> &Browser {
        &self.0.browser
    }

    /// Ids of the questions on this screen.
    pub async fn items(&self) -> Vec<String> {
        self.browser().ask(ITEMS, vec![]).await
    }

    /// What is answered on this screen, by question: the option's value, the text, or what is
    /// picked, in order.
    pub async fn answered(&self) -> BTreeMap<String, String> {
        self.browser().ask(ANSWERED, vec![]).await
    }

    /// Answers one question as planned.
    pub async fn act(&self, item: &str, act: &Act) {
        match act {
            Act::Skip => {}
            Act::Choose(value) => self.choose(item, value).await,
            Act::Write(text) => self.write(item, text).await,
            Act::Rank(picked) => {
                for candidate in picked {
                    let css = format!("#item-{item} [data-action='pick'][data-item='{candidate}']");
                    self.browser().click(&format!("“{candidate}”"), &css).await;
                    self.wait_for_style(&format!("{css}[aria-pressed='true']")).await;
                }
            }
        }
    }

    /// Chooses an option by clicking on its label, as one does.
    pub async fn choose(&self, item: &str, value: &str) {
        let input = format!("input[name='{item}'][value='{value}']");
        let what = format!("option {value} of “{item}”");
        self.browser().click(&what, &format!("#item-{item} label:has({input})")).await;
        self.wait_for_style(&format!("{input}:checked")).await;
    }

    /// Writes into an open question.
    pub async fn write(&self, item: &str, text: &str) {
        let css = format!("textarea[name='{item}']");
        self.browser().write(&format!("the field “{item}”"), &css, text).await;
    }

    /// Takes an answer back.
    pub async fn clear(&self, item: &str) {
        let css = format!("[data-action='clear'][data-item='{item}']");
        self.browser().click("“Clear”", &css).await;
        let gone = "return !document.querySelector(`input[name='${arguments[0]}']:checked`)";
        self.browser().until::<bool>("the answer to go", gone, vec![json!(item)]).await;
    }

    async fn wait_for_style(&self, css: &str) {
        let script = "return document.querySelector(arguments[0]) !== null";
        self.browser().until::<bool>(&format!("an effect ({css})"), script, vec![json!(css)]).await;
    }

    /// Presses “Next” once. On a screen with questions left open this brings up a soft prompt
    /// instead; then `None`.
    pub async fn try_next(&self) -> Option<Next<'a>> {
        let here = self.browser().fragment().await;
        let items = self.items().await;
        self.browser().click("“Next”", "[data-action='next']").await;
        let outcome = "
            const page = document.querySelector('main')?.dataset.page;
            const items = [...document.querySelectorAll('main [id^=item-]')].map((e) => e.id.slice(5));
            if (location.hash !== arguments[0]) {
              if (page === 'review') return 'review';
              if (page === 'answer' && items.length && items[0] !== arguments[1][0]) return 'screen';
              return null;
            }
            return document.querySelector('[data-prompt]')?.checkVisibility() ? 'prompt' : null";
        let args = vec![json!(here), json!(items)];
        let outcome: String = self.browser().until("the next screen", outcome, args).await;
        self.browser().settle().await;
        match outcome.as_str() {
            "review" => Some(Next::Review(Review::of(self.0))),
            "screen" => Some(Next::Screen(Survey(self.0))),
            _ => None,
        }
    }

    /// Goes on, past the one soft prompt if there are questions left open.
    pub async fn next(self) -> Next<'a> {
        if let Some(next) = self.try_next().await {
            return next;
        }
        self.try_next().await.expect("the second press of “Next” goes on: nothing is forced")
    }

    /// Answers everything as planned and goes on to the review; `pause` is called after each act
    /// with the number of answers given so far.
    pub async fn answer_all(
        self,
        plan: &Plan,
        pause: impl AsyncFn(&Survey<'a>, usize),
    ) -> Review<'a> {
        let mut survey = self;
        let mut n_answers = 0;
        for (screen_idx, acts) in plan.screens.iter().enumerate() {
            for (item, act) in acts {
                survey.act(item, act).await;
                if *act != Act::Skip {
                    n_answers += 1;
                    pause(&survey, n_answers).await;
                }
            }
            let expected: Vec<&String> = acts.iter().map(|(item, _)| item).collect();
            let shown = survey.items().await;
            assert!(
                expected.iter().copied().eq(shown.iter()),
                "screen {} shows {shown:?} where {expected:?} were expected",
                screen_idx + 1
            );
            // Open texts and rankings may stay empty without being asked for.
            let left_open = acts
                .iter()
                .any(|(item, act)| *act == Act::Skip && plan.sheet.answers.contains_key(item));
            let next = match survey.try_next().await {
                Some(next) => {
                    assert!(!left_open, "screen {} let a question pass silently", screen_idx + 1);
                    next
                }
                None => {
                    assert!(left_open, "screen {} asked though nothing is open", screen_idx + 1);
                    survey.try_next().await.expect("the second press of “Next” goes on")
                }
            };
            match next {
                Next::Review(review) => {
                    assert_eq!(screen_idx + 1, plan.screens.len(), "the review came early");
                    return review;
                }
                Next::Screen(next) => survey = next,
            }
        }
        panic!("after the last screen there was no review")
    }

    /// The number of answers kept on this device for a survey, by the keys of local storage.
    pub async fn n_kept(&self, survey: &str, rater: &str) -> usize {
        let script =
            "const answers = ['answer/', 'text/', 'ranking/'].map((kind) => arguments[0] + kind);
            const isAnswer = (key) => answers.some((prefix) => key.startsWith(prefix));
            return Object.keys(localStorage).filter(isAnswer).length";
        let prefix = format!("plumbline.1/{survey}/{rater}/");
        self.browser().ask(script, vec![Value::from(prefix)]).await
    }
}
