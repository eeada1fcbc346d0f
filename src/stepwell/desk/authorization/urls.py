from django.urls import path

from stepwell.desk.authorization import views

urlpatterns = [
    path("authorizations/", views.authorizations, name="authorizations"),
    path("authorizations/<int:number>/", views.authorization, name="authorization"),
    path("authorizations/<int:number>/decision/", views.decision, name="authorization_decision"),
    path("patients/<slug:code>/authorizations/new/", views.new_authorization, name="new_authorization"),
]
