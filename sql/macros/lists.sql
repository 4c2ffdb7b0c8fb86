-- How lists of names are put together.

-- The list of this one name where its value is unknown, else an empty one.
create or replace temp macro name_if_null(amount, name) as
case when amount is null then [name] else []::varchar[] end;
