"""Folds constraints and indexes of a freshly generated migration into the tables it creates.

    python .ci/fold_constraints.py clinic 0001_initial

Django writes each as an operation of its own, and renders the whole state of all models again for every
one: 190 of them take half a minute. Inside CreateModel they cost nothing. Only for migrations that were
not released yet and hold nothing but generated operations.
"""

import os
import sys
from importlib import import_module
from pathlib import Path

import django
from django.db.migrations.operations import AddConstraint, AddField, AddIndex, CreateModel
from django.db.migrations.writer import MigrationWriter


def fold(operations: list) -> list:
    """The same tables in an order in which each can be created whole: columns, constraints and indexes
    added afterwards move into its CreateModel. What points in a circle stays apart, at the end."""
    created = {o.name_lower: o for o in operations if isinstance(o, CreateModel)}
    apart = []
    for operation in operations:
        if isinstance(operation, AddField) and operation.model_name_lower in created:
            created[operation.model_name_lower].fields.append((operation.name, operation.field))
        elif isinstance(operation, AddConstraint) and operation.model_name_lower in created:
            options = created[operation.model_name_lower].options
            options["constraints"] = [*options.get("constraints", []), operation.constraint]
        elif isinstance(operation, AddIndex) and operation.model_name_lower in created:
            options = created[operation.model_name_lower].options
            options["indexes"] = [*options.get("indexes", []), operation.index]
        elif not isinstance(operation, CreateModel):
            apart.append(operation)
    ordered: dict[str, CreateModel] = {}
    while len(ordered) < len(created):
        free = [
            n
            for n, o in created.items()
            if n not in ordered and not points_at(o, created) - set(ordered) - {n}
        ]
        if not free:
            circle = sorted(set(created) - set(ordered))
            sys.exit(f"These tables point at each other in a circle; fold them by hand: {', '.join(circle)}.")
        ordered |= {name: created[name] for name in free}
    return [*ordered.values(), *apart]


def points_at(table: CreateModel, created: dict[str, CreateModel]) -> set[str]:
    """Which of the tables created here this one refers to."""
    related = (field.remote_field.model for _, field in table.fields if field.remote_field)
    names = {str(getattr(m, "_meta", m)).rsplit(".", 1)[-1].lower() for m in related}
    return names & set(created)


def main(app: str, name: str) -> None:
    """Rewrites one migration file."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stepwell.project.settings")
    django.setup()
    module = import_module(f"stepwell.{app}.migrations.{name}")
    migration = module.Migration(name, app)
    before = len(migration.operations)
    if any(type(o).__name__ in ("RunSQL", "RunPython") for o in migration.operations):
        sys.exit(f"{app} {name} holds operations written by hand; fold it by hand.")
    migration.operations = fold(migration.operations)
    writer = MigrationWriter(migration, include_header=False)
    Path(module.__file__).write_text(writer.as_string())
    print(f"{app} {name}: {before} operations, now {len(migration.operations)}.")


if __name__ == "__main__":
    main(*sys.argv[1:])
