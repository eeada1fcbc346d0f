from django.urls import path

from stepwell.desk.billing import views

urlpatterns = [
    path("billing/", views.billing, name="billing"),
    path("billing/batch/", views.batch, name="billing_batch"),
    path("billing/rules/", views.payer_rules, name="payer_rules"),
    path("billing/rules/<int:number>/end/", views.stop_rule, name="stop_rule"),
    path("billing/accounts/<slug:code>/", views.account, name="account"),
    path("billing/accounts/<slug:code>/payments/", views.post_payment, name="post_payment"),
    path("billing/accounts/<slug:code>/statements/", views.new_statement, name="new_statement"),
    path("billing/charges/<int:number>/void/", views.void_charge, name="void_charge"),
    path("billing/statements/<slug:number>/", views.statement, name="statement"),
]
