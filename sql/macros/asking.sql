-- When a thing is asked for again whose answer held nothing, or not all.

-- From when on it ages: from its creation; what is refused from that refusal on
-- (loading/fruitless_answers.sql), unless an answer has come since.
create or replace temp macro aging_from(
    created_at, held_at, fruitless_at, refused_at
) as
greatest(created_at, case when held_at >= fruitless_at then null else refused_at end);

-- Once a quarter of its age at the last answer has passed since then.
create or replace temp macro is_due_again(asked_at, ages_from, soonest) as
getvariable('now') - asked_at >= greatest(soonest, (asked_at - ages_from) / 4);
