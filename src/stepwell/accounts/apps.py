from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "stepwell.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The library's own signals are the only way to hear of its sign-ins; nothing of ours signals."""
        from allauth.account import signals as account
        from allauth.mfa import signals as mfa

        from stepwell.accounts import watching

        account.user_logged_in.connect(watching.logged_in, dispatch_uid="stepwell-in")
        account.user_logged_out.connect(watching.logged_out, dispatch_uid="stepwell-out")
        for number, signal in enumerate(
            (account.password_set, account.password_changed, account.password_reset)
        ):
            signal.connect(watching.password_changed, dispatch_uid=f"stepwell-password-{number}")
        for number, signal in enumerate(
            (mfa.authenticator_added, mfa.authenticator_removed, mfa.authenticator_reset)
        ):
            signal.connect(watching.second_factor_changed, dispatch_uid=f"stepwell-factor-{number}")
