// <sw-confirm data-question data-yes data-no> around a form: asks before a step that is hard to take back.
class SwConfirm extends HTMLElement {
  connectedCallback() {
    // Caught on the way down, so that neither the browser nor htmx sees the first submit.
    this.addEventListener("submit", this, true);
  }

  handleEvent(event) {
    if (this.agreed) {
      this.agreed = false;
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    this.ask(event.target, event.submitter);
  }

  ask(form, submitter) {
    const dialog = document.createElement("dialog");
    dialog.className = "ask";
    dialog.setAttribute("aria-labelledby", "ask-question");
    const question = document.createElement("p");
    question.id = "ask-question";
    question.textContent = this.dataset.question;
    const row = document.createElement("div");
    row.className = "actions end";
    const no = this.choice(this.dataset.no ?? "Go back", "button plain");
    const yes = this.choice(this.dataset.yes ?? "Yes, go on", submitter?.classList.contains("danger") ? "button danger" : "button primary");
    no.autofocus = true;
    no.addEventListener("click", () => dialog.close());
    yes.addEventListener("click", () => {
      dialog.close();
      this.agreed = true;
      form.requestSubmit(submitter ?? undefined);
      // A form the browser finds incomplete fires no submit; the next try asks again.
      this.agreed = false;
    });
    dialog.addEventListener("close", () => dialog.remove());
    row.append(no, yes);
    dialog.append(question, row);
    this.append(dialog);
    dialog.showModal();
  }

  choice(words, className) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = className;
    button.textContent = words;
    return button;
  }
}

customElements.define("sw-confirm", SwConfirm);
