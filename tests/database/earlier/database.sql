-- A database as the program left it before its migrations were made one; pg_dump's statements, comments left out.
DO $$ BEGIN CREATE ROLE upheld_reader; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.allegation (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    label text NOT NULL COLLATE pg_catalog."C",
    definition text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C"
);
CREATE TABLE public.base_candidate (
    release_id integer NOT NULL,
    record_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    candidate_id text NOT NULL COLLATE pg_catalog."C",
    candidate_is_figure boolean GENERATED ALWAYS AS (true) STORED NOT NULL,
    CONSTRAINT ck_base_candidate_candidate_is_another CHECK ((candidate_id <> record_id))
)
PARTITION BY LIST (release_id);
CREATE TABLE public.base_candidate_1 (
    release_id integer CONSTRAINT base_candidate_release_id_not_null NOT NULL,
    record_id text CONSTRAINT base_candidate_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    "position" integer CONSTRAINT base_candidate_position_not_null NOT NULL,
    candidate_id text CONSTRAINT base_candidate_candidate_id_not_null NOT NULL COLLATE pg_catalog."C",
    candidate_is_figure boolean GENERATED ALWAYS AS (true) STORED CONSTRAINT base_candidate_candidate_is_figure_not_null NOT NULL,
    CONSTRAINT ck_base_candidate_candidate_is_another CHECK ((candidate_id <> record_id))
);
CREATE TABLE public.base_candidate_2 (
    release_id integer CONSTRAINT base_candidate_release_id_not_null NOT NULL,
    record_id text CONSTRAINT base_candidate_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    "position" integer CONSTRAINT base_candidate_position_not_null NOT NULL,
    candidate_id text CONSTRAINT base_candidate_candidate_id_not_null NOT NULL COLLATE pg_catalog."C",
    candidate_is_figure boolean GENERATED ALWAYS AS (true) STORED CONSTRAINT base_candidate_candidate_is_figure_not_null NOT NULL,
    CONSTRAINT ck_base_candidate_candidate_is_another CHECK ((candidate_id <> record_id))
);
CREATE TABLE public.category (
    release_id integer NOT NULL,
    dimension text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    label text NOT NULL COLLATE pg_catalog."C",
    definition text NOT NULL COLLATE pg_catalog."C"
);
CREATE TABLE public.change (
    release_id integer NOT NULL,
    "position" integer NOT NULL,
    thing text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    type text NOT NULL COLLATE pg_catalog."C",
    field text COLLATE pg_catalog."C",
    old text COLLATE pg_catalog."C",
    new text COLLATE pg_catalog."C",
    reason text COLLATE pg_catalog."C"
);
COMMENT ON COLUMN public.change.old IS 'In JSON';
COMMENT ON COLUMN public.change.new IS 'In JSON';
CREATE TABLE public.current_release (
    is_only boolean DEFAULT true NOT NULL,
    release_id integer NOT NULL,
    chosen boolean DEFAULT false NOT NULL,
    changes integer DEFAULT 0 NOT NULL,
    CONSTRAINT ck_current_release_there_is_one CHECK (is_only)
);
COMMENT ON COLUMN public.current_release.chosen IS 'Chosen by hand; a newer release does not take its place';
COMMENT ON COLUMN public.current_release.changes IS 'How often what is loaded has changed: of two servers, that which counts more is ahead';
CREATE TABLE public.evidence (
    release_id integer NOT NULL,
    record_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    source text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    as_printed text COLLATE pg_catalog."C",
    paragraph integer,
    start_at integer,
    end_at integer,
    sha256 text COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    names_source boolean NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    force text NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    place_by_period_desc integer NOT NULL,
    CONSTRAINT ck_evidence_locator_is_whole CHECK ((num_nonnulls(paragraph, start_at, end_at, sha256) = ANY (ARRAY[0, 4]))),
    CONSTRAINT ck_evidence_role_is_known CHECK ((role = ANY (ARRAY['states'::text, 'repeats'::text, 'corroborates'::text, 'disputes'::text]))),
    CONSTRAINT ck_evidence_slice_runs_forward CHECK (((paragraph >= 1) AND (start_at >= 0) AND (end_at > start_at)))
)
PARTITION BY LIST (release_id);
COMMENT ON COLUMN public.evidence.paragraph IS 'Non-empty line of the source''s file, from 1';
COMMENT ON COLUMN public.evidence.start_at IS 'First code point in the paragraph, from 0';
COMMENT ON COLUMN public.evidence.end_at IS 'The code point after the last one';
COMMENT ON COLUMN public.evidence.sha256 IS 'Of the slice''s UTF-8 bytes';
COMMENT ON COLUMN public.evidence.names_source IS 'Whether it is the record''s first from this source';
COMMENT ON COLUMN public.evidence.kind IS 'The record''s, like the force, the period and the place';
CREATE TABLE public.evidence_1 (
    release_id integer CONSTRAINT evidence_release_id_not_null NOT NULL,
    record_id text CONSTRAINT evidence_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    "position" integer CONSTRAINT evidence_position_not_null NOT NULL,
    source text CONSTRAINT evidence_source_not_null NOT NULL COLLATE pg_catalog."C",
    role text CONSTRAINT evidence_role_not_null NOT NULL COLLATE pg_catalog."C",
    as_printed text COLLATE pg_catalog."C",
    paragraph integer,
    start_at integer,
    end_at integer,
    sha256 text COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    names_source boolean CONSTRAINT evidence_names_source_not_null NOT NULL,
    kind text CONSTRAINT evidence_kind_not_null NOT NULL COLLATE pg_catalog."C",
    force text CONSTRAINT evidence_force_not_null NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    place_by_period_desc integer CONSTRAINT evidence_place_by_period_desc_not_null NOT NULL,
    CONSTRAINT ck_evidence_locator_is_whole CHECK ((num_nonnulls(paragraph, start_at, end_at, sha256) = ANY (ARRAY[0, 4]))),
    CONSTRAINT ck_evidence_role_is_known CHECK ((role = ANY (ARRAY['states'::text, 'repeats'::text, 'corroborates'::text, 'disputes'::text]))),
    CONSTRAINT ck_evidence_slice_runs_forward CHECK (((paragraph >= 1) AND (start_at >= 0) AND (end_at > start_at)))
);
CREATE TABLE public.evidence_2 (
    release_id integer CONSTRAINT evidence_release_id_not_null NOT NULL,
    record_id text CONSTRAINT evidence_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    "position" integer CONSTRAINT evidence_position_not_null NOT NULL,
    source text CONSTRAINT evidence_source_not_null NOT NULL COLLATE pg_catalog."C",
    role text CONSTRAINT evidence_role_not_null NOT NULL COLLATE pg_catalog."C",
    as_printed text COLLATE pg_catalog."C",
    paragraph integer,
    start_at integer,
    end_at integer,
    sha256 text COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    names_source boolean CONSTRAINT evidence_names_source_not_null NOT NULL,
    kind text CONSTRAINT evidence_kind_not_null NOT NULL COLLATE pg_catalog."C",
    force text CONSTRAINT evidence_force_not_null NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    place_by_period_desc integer CONSTRAINT evidence_place_by_period_desc_not_null NOT NULL,
    CONSTRAINT ck_evidence_locator_is_whole CHECK ((num_nonnulls(paragraph, start_at, end_at, sha256) = ANY (ARRAY[0, 4]))),
    CONSTRAINT ck_evidence_role_is_known CHECK ((role = ANY (ARRAY['states'::text, 'repeats'::text, 'corroborates'::text, 'disputes'::text]))),
    CONSTRAINT ck_evidence_slice_runs_forward CHECK (((paragraph >= 1) AND (start_at >= 0) AND (end_at > start_at)))
);
CREATE TABLE public.force (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    name text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    ons_code text COLLATE pg_catalog."C",
    part_of text COLLATE pg_catalog."C",
    CONSTRAINT ck_force_kind_is_known CHECK ((kind = ANY (ARRAY['territorial'::text, 'special'::text, 'area'::text])))
);
CREATE TABLE public.outcome (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    label text NOT NULL COLLATE pg_catalog."C",
    definition text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C"
);
CREATE TABLE public.outcome_below (
    release_id integer NOT NULL,
    outcome text NOT NULL COLLATE pg_catalog."C",
    record_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    force text NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    place_by_period_desc integer NOT NULL
)
PARTITION BY LIST (release_id);
COMMENT ON COLUMN public.outcome_below.outcome IS 'With every wider code';
COMMENT ON COLUMN public.outcome_below.kind IS 'The record''s, like the force, the period and the place';
CREATE TABLE public.outcome_below_1 (
    release_id integer CONSTRAINT outcome_below_release_id_not_null NOT NULL,
    outcome text CONSTRAINT outcome_below_outcome_not_null NOT NULL COLLATE pg_catalog."C",
    record_id text CONSTRAINT outcome_below_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    kind text CONSTRAINT outcome_below_kind_not_null NOT NULL COLLATE pg_catalog."C",
    force text CONSTRAINT outcome_below_force_not_null NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    place_by_period_desc integer CONSTRAINT outcome_below_place_by_period_desc_not_null NOT NULL
);
CREATE TABLE public.outcome_below_2 (
    release_id integer CONSTRAINT outcome_below_release_id_not_null NOT NULL,
    outcome text CONSTRAINT outcome_below_outcome_not_null NOT NULL COLLATE pg_catalog."C",
    record_id text CONSTRAINT outcome_below_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    kind text CONSTRAINT outcome_below_kind_not_null NOT NULL COLLATE pg_catalog."C",
    force text CONSTRAINT outcome_below_force_not_null NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    place_by_period_desc integer CONSTRAINT outcome_below_place_by_period_desc_not_null NOT NULL
);
CREATE TABLE public.record (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    is_figure boolean GENERATED ALWAYS AS ((kind <> 'incident'::text)) STORED NOT NULL,
    force text NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    period_precision text COLLATE pg_catalog."C",
    period_year_type text COLLATE pg_catalog."C",
    period_basis text NOT NULL COLLATE pg_catalog."C",
    period_event text NOT NULL COLLATE pg_catalog."C",
    period_as_at date,
    allegation text NOT NULL COLLATE pg_catalog."C",
    stage text COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    value numeric,
    value_to numeric,
    value_type text COLLATE pg_catalog."C",
    per integer,
    value_status text COLLATE pg_catalog."C",
    qualifier text COLLATE pg_catalog."C",
    unit text COLLATE pg_catalog."C",
    subjects text[] COLLATE pg_catalog."C",
    breakdown jsonb,
    base_id text COLLATE pg_catalog."C",
    base_is_figure boolean GENERATED ALWAYS AS (true) STORED NOT NULL,
    base_basis text COLLATE pg_catalog."C",
    base_part boolean,
    standing text COLLATE pg_catalog."C",
    outcome_status text COLLATE pg_catalog."C",
    place_by_period integer NOT NULL,
    place_by_period_desc integer NOT NULL,
    place_by_value integer NOT NULL,
    place_by_value_desc integer NOT NULL,
    document text NOT NULL COLLATE pg_catalog."C",
    subject_set text COLLATE pg_catalog."C",
    measured text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT ck_record_base_basis_is_known CHECK ((base_basis = ANY (ARRAY['stated'::text, 'implied'::text, 'corroborated'::text, 'ambiguous'::text]))),
    CONSTRAINT ck_record_base_is_another CHECK ((base_id <> id)),
    CONSTRAINT ck_record_base_is_settled_or_ambiguous CHECK (((num_nonnulls(base_basis, base_part) = ANY (ARRAY[0, 2])) AND ((base_id IS NOT NULL) = ((base_basis IS NOT NULL) AND (base_basis <> 'ambiguous'::text))) AND ((base_basis IS NULL) OR is_figure))),
    CONSTRAINT ck_record_between_is_a_range CHECK ((((NOT (qualifier IS DISTINCT FROM 'between'::text)) = (value_to IS NOT NULL)) AND ((value_to IS NULL) OR (value_to > value)))),
    CONSTRAINT ck_record_figure_counts_something CHECK ((num_nonnulls(value_type, value_status, qualifier, unit, subjects, subject_set, breakdown) =
CASE
    WHEN is_figure THEN 7
    ELSE 0
END)),
    CONSTRAINT ck_record_incident_has_a_standing CHECK ((num_nonnulls(standing, outcome_status) =
CASE
    WHEN is_figure THEN 0
    ELSE 2
END)),
    CONSTRAINT ck_record_kind_is_known CHECK ((kind = ANY (ARRAY['complaint'::text, 'proceeding'::text, 'outcome'::text, 'incident'::text]))),
    CONSTRAINT ck_record_only_changes_are_signed CHECK (((value >= (0)::numeric) OR (value_type = ANY (ARRAY['change-count'::text, 'change-percent'::text])))),
    CONSTRAINT ck_record_outcome_has_a_code CHECK (
CASE kind
    WHEN 'outcome'::text THEN (outcome IS NOT NULL)
    WHEN 'incident'::text THEN ((outcome IS NOT NULL) = (outcome_status = 'stated'::text))
    ELSE (outcome IS NULL)
END),
    CONSTRAINT ck_record_outcome_status_is_known CHECK ((outcome_status = ANY (ARRAY['stated'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_basis_is_known CHECK ((period_basis = ANY (ARRAY['stated'::text, 'inferred'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_event_is_known CHECK ((period_event = ANY (ARRAY['occurred'::text, 'received'::text, 'finalised'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_has_a_basis CHECK (((period_start IS NULL) = (period_basis = 'not-stated'::text))),
    CONSTRAINT ck_record_period_is_whole CHECK ((num_nonnulls(period_start, period_end, period_precision) = ANY (ARRAY[0, 3]))),
    CONSTRAINT ck_record_period_precision_is_known CHECK ((period_precision = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT ck_record_period_runs_forward CHECK ((period_end >= period_start)),
    CONSTRAINT ck_record_period_year_type_is_known CHECK ((period_year_type = ANY (ARRAY['calendar'::text, 'financial'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_proceeding_has_a_stage CHECK (((kind = 'proceeding'::text) = (stage IS NOT NULL))),
    CONSTRAINT ck_record_qualifier_is_known CHECK ((qualifier = ANY (ARRAY['exact'::text, 'about'::text, 'nearly'::text, 'more-than'::text, 'at-least'::text, 'fewer-than'::text, 'at-most'::text, 'between'::text]))),
    CONSTRAINT ck_record_rate_is_per_so_many CHECK (((NOT (value_type IS DISTINCT FROM 'rate'::text)) = (per IS NOT NULL))),
    CONSTRAINT ck_record_standing_is_known CHECK ((standing = ANY (ARRAY['alleged'::text, 'found'::text, 'admitted'::text, 'convicted'::text, 'reported'::text]))),
    CONSTRAINT ck_record_stated_is_a_number CHECK (((NOT (value_status IS DISTINCT FROM 'stated'::text)) = (value IS NOT NULL))),
    CONSTRAINT ck_record_subjects_are_known CHECK ((subjects <@ ARRAY['officers'::text, 'specials'::text, 'pcsos'::text, 'staff'::text])),
    CONSTRAINT ck_record_unit_is_known CHECK ((unit = ANY (ARRAY['complaint'::text, 'allegation'::text, 'case'::text, 'person'::text, 'proceeding'::text, 'conviction'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_value_status_is_known CHECK ((value_status = ANY (ARRAY['stated'::text, 'not-disclosed'::text, 'withheld'::text, 'not-counted'::text]))),
    CONSTRAINT ck_record_value_type_is_known CHECK ((value_type = ANY (ARRAY['count'::text, 'percent'::text, 'rate'::text, 'change-count'::text, 'change-percent'::text]))),
    CONSTRAINT ck_record_year_has_a_type CHECK (((NOT (period_precision IS DISTINCT FROM 'year'::text)) = (period_year_type IS NOT NULL)))
)
PARTITION BY LIST (release_id);
COMMENT ON COLUMN public.record.place_by_period IS 'Place by start, end, id; undated last';
COMMENT ON COLUMN public.record.place_by_period_desc IS 'The same, latest first; ids still ascending';
COMMENT ON COLUMN public.record.place_by_value IS 'Place by value, id; without a value last';
COMMENT ON COLUMN public.record.place_by_value_desc IS 'The same, largest first; ids still ascending';
COMMENT ON COLUMN public.record.document IS 'The record as answered, in JSON';
COMMENT ON COLUMN public.record.subject_set IS 'The subjects as one word, sorted, for indexes';
COMMENT ON COLUMN public.record.measured IS 'What decides whether it may stand beside others, in JSON';
CREATE TABLE public.record_1 (
    release_id integer CONSTRAINT record_release_id_not_null NOT NULL,
    id text CONSTRAINT record_id_not_null NOT NULL COLLATE pg_catalog."C",
    kind text CONSTRAINT record_kind_not_null NOT NULL COLLATE pg_catalog."C",
    is_figure boolean GENERATED ALWAYS AS ((kind <> 'incident'::text)) STORED CONSTRAINT record_is_figure_not_null NOT NULL,
    force text CONSTRAINT record_force_not_null NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    period_precision text COLLATE pg_catalog."C",
    period_year_type text COLLATE pg_catalog."C",
    period_basis text CONSTRAINT record_period_basis_not_null NOT NULL COLLATE pg_catalog."C",
    period_event text CONSTRAINT record_period_event_not_null NOT NULL COLLATE pg_catalog."C",
    period_as_at date,
    allegation text CONSTRAINT record_allegation_not_null NOT NULL COLLATE pg_catalog."C",
    stage text COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    value numeric,
    value_to numeric,
    value_type text COLLATE pg_catalog."C",
    per integer,
    value_status text COLLATE pg_catalog."C",
    qualifier text COLLATE pg_catalog."C",
    unit text COLLATE pg_catalog."C",
    subjects text[] COLLATE pg_catalog."C",
    breakdown jsonb,
    base_id text COLLATE pg_catalog."C",
    base_is_figure boolean GENERATED ALWAYS AS (true) STORED CONSTRAINT record_base_is_figure_not_null NOT NULL,
    base_basis text COLLATE pg_catalog."C",
    base_part boolean,
    standing text COLLATE pg_catalog."C",
    outcome_status text COLLATE pg_catalog."C",
    place_by_period integer CONSTRAINT record_place_by_period_not_null NOT NULL,
    place_by_period_desc integer CONSTRAINT record_place_by_period_desc_not_null NOT NULL,
    place_by_value integer CONSTRAINT record_place_by_value_not_null NOT NULL,
    place_by_value_desc integer CONSTRAINT record_place_by_value_desc_not_null NOT NULL,
    document text CONSTRAINT record_document_not_null NOT NULL COLLATE pg_catalog."C",
    subject_set text COLLATE pg_catalog."C",
    measured text CONSTRAINT record_measured_not_null NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT ck_record_base_basis_is_known CHECK ((base_basis = ANY (ARRAY['stated'::text, 'implied'::text, 'corroborated'::text, 'ambiguous'::text]))),
    CONSTRAINT ck_record_base_is_another CHECK ((base_id <> id)),
    CONSTRAINT ck_record_base_is_settled_or_ambiguous CHECK (((num_nonnulls(base_basis, base_part) = ANY (ARRAY[0, 2])) AND ((base_id IS NOT NULL) = ((base_basis IS NOT NULL) AND (base_basis <> 'ambiguous'::text))) AND ((base_basis IS NULL) OR is_figure))),
    CONSTRAINT ck_record_between_is_a_range CHECK ((((NOT (qualifier IS DISTINCT FROM 'between'::text)) = (value_to IS NOT NULL)) AND ((value_to IS NULL) OR (value_to > value)))),
    CONSTRAINT ck_record_figure_counts_something CHECK ((num_nonnulls(value_type, value_status, qualifier, unit, subjects, subject_set, breakdown) =
CASE
    WHEN is_figure THEN 7
    ELSE 0
END)),
    CONSTRAINT ck_record_incident_has_a_standing CHECK ((num_nonnulls(standing, outcome_status) =
CASE
    WHEN is_figure THEN 0
    ELSE 2
END)),
    CONSTRAINT ck_record_kind_is_known CHECK ((kind = ANY (ARRAY['complaint'::text, 'proceeding'::text, 'outcome'::text, 'incident'::text]))),
    CONSTRAINT ck_record_only_changes_are_signed CHECK (((value >= (0)::numeric) OR (value_type = ANY (ARRAY['change-count'::text, 'change-percent'::text])))),
    CONSTRAINT ck_record_outcome_has_a_code CHECK (
CASE kind
    WHEN 'outcome'::text THEN (outcome IS NOT NULL)
    WHEN 'incident'::text THEN ((outcome IS NOT NULL) = (outcome_status = 'stated'::text))
    ELSE (outcome IS NULL)
END),
    CONSTRAINT ck_record_outcome_status_is_known CHECK ((outcome_status = ANY (ARRAY['stated'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_basis_is_known CHECK ((period_basis = ANY (ARRAY['stated'::text, 'inferred'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_event_is_known CHECK ((period_event = ANY (ARRAY['occurred'::text, 'received'::text, 'finalised'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_has_a_basis CHECK (((period_start IS NULL) = (period_basis = 'not-stated'::text))),
    CONSTRAINT ck_record_period_is_whole CHECK ((num_nonnulls(period_start, period_end, period_precision) = ANY (ARRAY[0, 3]))),
    CONSTRAINT ck_record_period_precision_is_known CHECK ((period_precision = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT ck_record_period_runs_forward CHECK ((period_end >= period_start)),
    CONSTRAINT ck_record_period_year_type_is_known CHECK ((period_year_type = ANY (ARRAY['calendar'::text, 'financial'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_proceeding_has_a_stage CHECK (((kind = 'proceeding'::text) = (stage IS NOT NULL))),
    CONSTRAINT ck_record_qualifier_is_known CHECK ((qualifier = ANY (ARRAY['exact'::text, 'about'::text, 'nearly'::text, 'more-than'::text, 'at-least'::text, 'fewer-than'::text, 'at-most'::text, 'between'::text]))),
    CONSTRAINT ck_record_rate_is_per_so_many CHECK (((NOT (value_type IS DISTINCT FROM 'rate'::text)) = (per IS NOT NULL))),
    CONSTRAINT ck_record_standing_is_known CHECK ((standing = ANY (ARRAY['alleged'::text, 'found'::text, 'admitted'::text, 'convicted'::text, 'reported'::text]))),
    CONSTRAINT ck_record_stated_is_a_number CHECK (((NOT (value_status IS DISTINCT FROM 'stated'::text)) = (value IS NOT NULL))),
    CONSTRAINT ck_record_subjects_are_known CHECK ((subjects <@ ARRAY['officers'::text, 'specials'::text, 'pcsos'::text, 'staff'::text])),
    CONSTRAINT ck_record_unit_is_known CHECK ((unit = ANY (ARRAY['complaint'::text, 'allegation'::text, 'case'::text, 'person'::text, 'proceeding'::text, 'conviction'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_value_status_is_known CHECK ((value_status = ANY (ARRAY['stated'::text, 'not-disclosed'::text, 'withheld'::text, 'not-counted'::text]))),
    CONSTRAINT ck_record_value_type_is_known CHECK ((value_type = ANY (ARRAY['count'::text, 'percent'::text, 'rate'::text, 'change-count'::text, 'change-percent'::text]))),
    CONSTRAINT ck_record_year_has_a_type CHECK (((NOT (period_precision IS DISTINCT FROM 'year'::text)) = (period_year_type IS NOT NULL)))
);
CREATE TABLE public.record_2 (
    release_id integer CONSTRAINT record_release_id_not_null NOT NULL,
    id text CONSTRAINT record_id_not_null NOT NULL COLLATE pg_catalog."C",
    kind text CONSTRAINT record_kind_not_null NOT NULL COLLATE pg_catalog."C",
    is_figure boolean GENERATED ALWAYS AS ((kind <> 'incident'::text)) STORED CONSTRAINT record_is_figure_not_null NOT NULL,
    force text CONSTRAINT record_force_not_null NOT NULL COLLATE pg_catalog."C",
    period_start date,
    period_end date,
    period_precision text COLLATE pg_catalog."C",
    period_year_type text COLLATE pg_catalog."C",
    period_basis text CONSTRAINT record_period_basis_not_null NOT NULL COLLATE pg_catalog."C",
    period_event text CONSTRAINT record_period_event_not_null NOT NULL COLLATE pg_catalog."C",
    period_as_at date,
    allegation text CONSTRAINT record_allegation_not_null NOT NULL COLLATE pg_catalog."C",
    stage text COLLATE pg_catalog."C",
    outcome text COLLATE pg_catalog."C",
    value numeric,
    value_to numeric,
    value_type text COLLATE pg_catalog."C",
    per integer,
    value_status text COLLATE pg_catalog."C",
    qualifier text COLLATE pg_catalog."C",
    unit text COLLATE pg_catalog."C",
    subjects text[] COLLATE pg_catalog."C",
    breakdown jsonb,
    base_id text COLLATE pg_catalog."C",
    base_is_figure boolean GENERATED ALWAYS AS (true) STORED CONSTRAINT record_base_is_figure_not_null NOT NULL,
    base_basis text COLLATE pg_catalog."C",
    base_part boolean,
    standing text COLLATE pg_catalog."C",
    outcome_status text COLLATE pg_catalog."C",
    place_by_period integer CONSTRAINT record_place_by_period_not_null NOT NULL,
    place_by_period_desc integer CONSTRAINT record_place_by_period_desc_not_null NOT NULL,
    place_by_value integer CONSTRAINT record_place_by_value_not_null NOT NULL,
    place_by_value_desc integer CONSTRAINT record_place_by_value_desc_not_null NOT NULL,
    document text CONSTRAINT record_document_not_null NOT NULL COLLATE pg_catalog."C",
    subject_set text COLLATE pg_catalog."C",
    measured text CONSTRAINT record_measured_not_null NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT ck_record_base_basis_is_known CHECK ((base_basis = ANY (ARRAY['stated'::text, 'implied'::text, 'corroborated'::text, 'ambiguous'::text]))),
    CONSTRAINT ck_record_base_is_another CHECK ((base_id <> id)),
    CONSTRAINT ck_record_base_is_settled_or_ambiguous CHECK (((num_nonnulls(base_basis, base_part) = ANY (ARRAY[0, 2])) AND ((base_id IS NOT NULL) = ((base_basis IS NOT NULL) AND (base_basis <> 'ambiguous'::text))) AND ((base_basis IS NULL) OR is_figure))),
    CONSTRAINT ck_record_between_is_a_range CHECK ((((NOT (qualifier IS DISTINCT FROM 'between'::text)) = (value_to IS NOT NULL)) AND ((value_to IS NULL) OR (value_to > value)))),
    CONSTRAINT ck_record_figure_counts_something CHECK ((num_nonnulls(value_type, value_status, qualifier, unit, subjects, subject_set, breakdown) =
CASE
    WHEN is_figure THEN 7
    ELSE 0
END)),
    CONSTRAINT ck_record_incident_has_a_standing CHECK ((num_nonnulls(standing, outcome_status) =
CASE
    WHEN is_figure THEN 0
    ELSE 2
END)),
    CONSTRAINT ck_record_kind_is_known CHECK ((kind = ANY (ARRAY['complaint'::text, 'proceeding'::text, 'outcome'::text, 'incident'::text]))),
    CONSTRAINT ck_record_only_changes_are_signed CHECK (((value >= (0)::numeric) OR (value_type = ANY (ARRAY['change-count'::text, 'change-percent'::text])))),
    CONSTRAINT ck_record_outcome_has_a_code CHECK (
CASE kind
    WHEN 'outcome'::text THEN (outcome IS NOT NULL)
    WHEN 'incident'::text THEN ((outcome IS NOT NULL) = (outcome_status = 'stated'::text))
    ELSE (outcome IS NULL)
END),
    CONSTRAINT ck_record_outcome_status_is_known CHECK ((outcome_status = ANY (ARRAY['stated'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_basis_is_known CHECK ((period_basis = ANY (ARRAY['stated'::text, 'inferred'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_event_is_known CHECK ((period_event = ANY (ARRAY['occurred'::text, 'received'::text, 'finalised'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_period_has_a_basis CHECK (((period_start IS NULL) = (period_basis = 'not-stated'::text))),
    CONSTRAINT ck_record_period_is_whole CHECK ((num_nonnulls(period_start, period_end, period_precision) = ANY (ARRAY[0, 3]))),
    CONSTRAINT ck_record_period_precision_is_known CHECK ((period_precision = ANY (ARRAY['day'::text, 'month'::text, 'year'::text]))),
    CONSTRAINT ck_record_period_runs_forward CHECK ((period_end >= period_start)),
    CONSTRAINT ck_record_period_year_type_is_known CHECK ((period_year_type = ANY (ARRAY['calendar'::text, 'financial'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_proceeding_has_a_stage CHECK (((kind = 'proceeding'::text) = (stage IS NOT NULL))),
    CONSTRAINT ck_record_qualifier_is_known CHECK ((qualifier = ANY (ARRAY['exact'::text, 'about'::text, 'nearly'::text, 'more-than'::text, 'at-least'::text, 'fewer-than'::text, 'at-most'::text, 'between'::text]))),
    CONSTRAINT ck_record_rate_is_per_so_many CHECK (((NOT (value_type IS DISTINCT FROM 'rate'::text)) = (per IS NOT NULL))),
    CONSTRAINT ck_record_standing_is_known CHECK ((standing = ANY (ARRAY['alleged'::text, 'found'::text, 'admitted'::text, 'convicted'::text, 'reported'::text]))),
    CONSTRAINT ck_record_stated_is_a_number CHECK (((NOT (value_status IS DISTINCT FROM 'stated'::text)) = (value IS NOT NULL))),
    CONSTRAINT ck_record_subjects_are_known CHECK ((subjects <@ ARRAY['officers'::text, 'specials'::text, 'pcsos'::text, 'staff'::text])),
    CONSTRAINT ck_record_unit_is_known CHECK ((unit = ANY (ARRAY['complaint'::text, 'allegation'::text, 'case'::text, 'person'::text, 'proceeding'::text, 'conviction'::text, 'not-stated'::text]))),
    CONSTRAINT ck_record_value_status_is_known CHECK ((value_status = ANY (ARRAY['stated'::text, 'not-disclosed'::text, 'withheld'::text, 'not-counted'::text]))),
    CONSTRAINT ck_record_value_type_is_known CHECK ((value_type = ANY (ARRAY['count'::text, 'percent'::text, 'rate'::text, 'change-count'::text, 'change-percent'::text]))),
    CONSTRAINT ck_record_year_has_a_type CHECK (((NOT (period_precision IS DISTINCT FROM 'year'::text)) = (period_year_type IS NOT NULL)))
);
CREATE TABLE public.relation (
    release_id integer NOT NULL,
    record_id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    type text NOT NULL COLLATE pg_catalog."C",
    related_id text NOT NULL COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    CONSTRAINT ck_relation_related_is_another CHECK ((related_id <> record_id)),
    CONSTRAINT ck_relation_type_is_known CHECK ((type = ANY (ARRAY['same-fact'::text, 'conflicts-with'::text, 'change-from'::text, 'supersedes'::text, 'part-of'::text, 'overlaps'::text])))
)
PARTITION BY LIST (release_id);
CREATE TABLE public.relation_1 (
    release_id integer CONSTRAINT relation_release_id_not_null NOT NULL,
    record_id text CONSTRAINT relation_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    "position" integer CONSTRAINT relation_position_not_null NOT NULL,
    type text CONSTRAINT relation_type_not_null NOT NULL COLLATE pg_catalog."C",
    related_id text CONSTRAINT relation_related_id_not_null NOT NULL COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    CONSTRAINT ck_relation_related_is_another CHECK ((related_id <> record_id)),
    CONSTRAINT ck_relation_type_is_known CHECK ((type = ANY (ARRAY['same-fact'::text, 'conflicts-with'::text, 'change-from'::text, 'supersedes'::text, 'part-of'::text, 'overlaps'::text])))
);
CREATE TABLE public.relation_2 (
    release_id integer CONSTRAINT relation_release_id_not_null NOT NULL,
    record_id text CONSTRAINT relation_record_id_not_null NOT NULL COLLATE pg_catalog."C",
    "position" integer CONSTRAINT relation_position_not_null NOT NULL,
    type text CONSTRAINT relation_type_not_null NOT NULL COLLATE pg_catalog."C",
    related_id text CONSTRAINT relation_related_id_not_null NOT NULL COLLATE pg_catalog."C",
    note text COLLATE pg_catalog."C",
    CONSTRAINT ck_relation_related_is_another CHECK ((related_id <> record_id)),
    CONSTRAINT ck_relation_type_is_known CHECK ((type = ANY (ARRAY['same-fact'::text, 'conflicts-with'::text, 'change-from'::text, 'supersedes'::text, 'part-of'::text, 'overlaps'::text])))
);
CREATE TABLE public.release (
    id integer NOT NULL,
    version text NOT NULL COLLATE pg_catalog."C",
    published_at timestamp with time zone NOT NULL,
    note text NOT NULL COLLATE pg_catalog."C",
    digest text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON COLUMN public.release.digest IS 'SHA-256 of the canonical JSON Lines';
ALTER TABLE public.release ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.release_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE TABLE public.rule_change (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    document text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON COLUMN public.rule_change.document IS 'The change as curated, in JSON';
CREATE TABLE public.source (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    title text NOT NULL COLLATE pg_catalog."C",
    publisher text NOT NULL COLLATE pg_catalog."C",
    published_date text COLLATE pg_catalog."C",
    published_precision text COLLATE pg_catalog."C",
    published_basis text NOT NULL COLLATE pg_catalog."C",
    url text COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    origin text COLLATE pg_catalog."C",
    file text COLLATE pg_catalog."C",
    sha256 text COLLATE pg_catalog."C",
    CONSTRAINT ck_source_date_has_a_precision CHECK ((num_nonnulls(published_date, published_precision) = ANY (ARRAY[0, 2]))),
    CONSTRAINT ck_source_file_has_a_digest CHECK ((num_nonnulls(file, sha256) = ANY (ARRAY[0, 2]))),
    CONSTRAINT ck_source_kind_is_known CHECK ((kind = ANY (ARRAY['news-article'::text, 'press-release'::text, 'foi-document'::text, 'official-statistics'::text]))),
    CONSTRAINT ck_source_published_basis_is_known CHECK ((published_basis = ANY (ARRAY['stated'::text, 'inferred'::text, 'not-stated'::text]))),
    CONSTRAINT ck_source_published_precision_is_known CHECK ((published_precision = ANY (ARRAY['day'::text, 'month'::text, 'year'::text])))
);
COMMENT ON COLUMN public.source.published_date IS 'As fine as its precision, e.g. 2021-10';
COMMENT ON COLUMN public.source.origin IS 'The source it goes back to';
COMMENT ON COLUMN public.source.file IS 'Name of the held text; the text itself is not here';
CREATE TABLE public.stage (
    release_id integer NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    "position" integer NOT NULL,
    label text NOT NULL COLLATE pg_catalog."C",
    definition text NOT NULL COLLATE pg_catalog."C",
    parent text COLLATE pg_catalog."C"
);
CREATE TABLE public.tombstone (
    id text NOT NULL COLLATE pg_catalog."C",
    day date NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C"
);
COMMENT ON COLUMN public.tombstone.day IS 'When it was removed';
ALTER TABLE ONLY public.base_candidate ATTACH PARTITION public.base_candidate_1 FOR VALUES IN (1);
ALTER TABLE ONLY public.base_candidate ATTACH PARTITION public.base_candidate_2 FOR VALUES IN (2);
ALTER TABLE ONLY public.evidence ATTACH PARTITION public.evidence_1 FOR VALUES IN (1);
ALTER TABLE ONLY public.evidence ATTACH PARTITION public.evidence_2 FOR VALUES IN (2);
ALTER TABLE ONLY public.outcome_below ATTACH PARTITION public.outcome_below_1 FOR VALUES IN (1);
ALTER TABLE ONLY public.outcome_below ATTACH PARTITION public.outcome_below_2 FOR VALUES IN (2);
ALTER TABLE ONLY public.record ATTACH PARTITION public.record_1 FOR VALUES IN (1);
ALTER TABLE ONLY public.record ATTACH PARTITION public.record_2 FOR VALUES IN (2);
ALTER TABLE ONLY public.relation ATTACH PARTITION public.relation_1 FOR VALUES IN (1);
ALTER TABLE ONLY public.relation ATTACH PARTITION public.relation_2 FOR VALUES IN (2);
INSERT INTO public.alembic_version VALUES ('0006');
INSERT INTO public.allegation VALUES (1, 'any', 0, 'Any allegation', 'Made up: Any allegation.', NULL);
INSERT INTO public.allegation VALUES (1, 'sexual-misconduct', 1, 'Sexual misconduct', 'Made up: Sexual misconduct.', 'any');
INSERT INTO public.allegation VALUES (1, 'sexual-assault', 2, 'Sexual assault', 'Made up: Sexual assault.', 'sexual-misconduct');
INSERT INTO public.allegation VALUES (1, 'rape', 3, 'Rape', 'Made up: Rape.', 'sexual-assault');
INSERT INTO public.allegation VALUES (2, 'any', 0, 'Any allegation', 'Made up: Any allegation.', NULL);
INSERT INTO public.allegation VALUES (2, 'sexual-misconduct', 1, 'Sexual misconduct', 'Made up: Sexual misconduct.', 'any');
INSERT INTO public.allegation VALUES (2, 'sexual-assault', 2, 'Sexual assault', 'Made up: Sexual assault.', 'sexual-misconduct');
INSERT INTO public.allegation VALUES (2, 'rape', 3, 'Rape', 'Made up: Rape.', 'sexual-assault');
INSERT INTO public.base_candidate_1 VALUES (1, 'part', 0, 'whole', DEFAULT);
INSERT INTO public.base_candidate_1 VALUES (1, 'open', 0, 'whole', DEFAULT);
INSERT INTO public.base_candidate_1 VALUES (1, 'open', 1, 'step', DEFAULT);
INSERT INTO public.base_candidate_2 VALUES (2, 'part', 0, 'whole', DEFAULT);
INSERT INTO public.base_candidate_2 VALUES (2, 'open', 0, 'whole', DEFAULT);
INSERT INTO public.base_candidate_2 VALUES (2, 'open', 1, 'step', DEFAULT);
INSERT INTO public.change VALUES (2, 0, 'record', 'whole', 'changed', 'value', '10', '11', 'It was misread.');
INSERT INTO public.current_release VALUES (true, 1, true, 2);
INSERT INTO public.evidence_1 VALUES (1, 'whole', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.evidence_1 VALUES (1, 'part', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'outcome', 'metropolitan', '2020-01-01', '2020-12-31', 3);
INSERT INTO public.evidence_1 VALUES (1, 'step', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'proceeding', 'metropolitan', NULL, NULL, 5);
INSERT INTO public.evidence_1 VALUES (1, 'open', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'outcome', 'metropolitan', '2020-01-01', '2020-12-31', 2);
INSERT INTO public.evidence_1 VALUES (1, 'event', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'incident', 'metropolitan', '2020-01-01', '2020-12-31', 1);
INSERT INTO public.evidence_2 VALUES (2, 'whole', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.evidence_2 VALUES (2, 'part', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'outcome', 'metropolitan', '2020-01-01', '2020-12-31', 3);
INSERT INTO public.evidence_2 VALUES (2, 'step', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'proceeding', 'metropolitan', NULL, NULL, 5);
INSERT INTO public.evidence_2 VALUES (2, 'open', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'outcome', 'metropolitan', '2020-01-01', '2020-12-31', 2);
INSERT INTO public.evidence_2 VALUES (2, 'event', 0, 'made-up', 'states', NULL, 1, 0, 1, '0000000000000000000000000000000000000000000000000000000000000000', NULL, true, 'incident', 'metropolitan', '2020-01-01', '2020-12-31', 1);
INSERT INTO public.force VALUES (1, 'kent', 'Kent Police', 'territorial', 'E23000032', 'england-and-wales');
INSERT INTO public.force VALUES (1, 'metropolitan', 'Metropolitan Police Service', 'territorial', 'E23000001', 'england-and-wales');
INSERT INTO public.force VALUES (1, 'england-and-wales', 'England and Wales', 'area', 'K04000001', NULL);
INSERT INTO public.force VALUES (2, 'kent', 'Kent Police', 'territorial', 'E23000032', 'england-and-wales');
INSERT INTO public.force VALUES (2, 'metropolitan', 'Metropolitan Police Service', 'territorial', 'E23000001', 'england-and-wales');
INSERT INTO public.force VALUES (2, 'england-and-wales', 'England and Wales', 'area', 'K04000001', NULL);
INSERT INTO public.outcome VALUES (1, 'upheld', 0, 'Upheld', 'Made up: Upheld.', NULL);
INSERT INTO public.outcome VALUES (1, 'left-police-service', 1, 'Left the police service', 'Made up: Left the police service.', NULL);
INSERT INTO public.outcome VALUES (1, 'dismissed', 2, 'Dismissed', 'Made up: Dismissed.', 'left-police-service');
INSERT INTO public.outcome VALUES (2, 'upheld', 0, 'Upheld', 'Made up: Upheld.', NULL);
INSERT INTO public.outcome VALUES (2, 'left-police-service', 1, 'Left the police service', 'Made up: Left the police service.', NULL);
INSERT INTO public.outcome VALUES (2, 'dismissed', 2, 'Dismissed', 'Made up: Dismissed.', 'left-police-service');
INSERT INTO public.outcome_below_1 VALUES (1, 'dismissed', 'whole', 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.outcome_below_1 VALUES (1, 'upheld', 'whole', 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.outcome_below_1 VALUES (1, 'dismissed', 'step', 'proceeding', 'metropolitan', NULL, NULL, 5);
INSERT INTO public.outcome_below_1 VALUES (1, 'left-police-service', 'whole', 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.outcome_below_1 VALUES (1, 'left-police-service', 'step', 'proceeding', 'metropolitan', NULL, NULL, 5);
INSERT INTO public.outcome_below_2 VALUES (2, 'dismissed', 'whole', 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.outcome_below_2 VALUES (2, 'upheld', 'whole', 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.outcome_below_2 VALUES (2, 'dismissed', 'step', 'proceeding', 'metropolitan', NULL, NULL, 5);
INSERT INTO public.outcome_below_2 VALUES (2, 'left-police-service', 'whole', 'complaint', 'metropolitan', '2020-01-01', '2020-12-31', 4);
INSERT INTO public.outcome_below_2 VALUES (2, 'left-police-service', 'step', 'proceeding', 'metropolitan', NULL, NULL, 5);
INSERT INTO public.record_1 VALUES (1, 'event', 'incident', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, 'dismissed', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, DEFAULT, NULL, NULL, 'alleged', 'stated', 1, 1, 4, 4, '{"id":"event","kind":"incident","statement":"It is said of event.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","standing":"alleged","outcome":"dismissed","outcome_status":"stated","related":[{"type":"part-of","id":"whole","note":null}],"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"citation":"It is said of event. Nobody, 2024-05-06. Upheld, release 1.0.0, /incidents/event?release=1.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/incidents/event","html":"/incidents/event","source":"/v1/sources/made-up"}}', NULL, '["event",["2020-01-01","2020-12-31",null,null,"stated","occurred"]]');
INSERT INTO public.record_1 VALUES (1, 'open', 'outcome', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, 'dismissed', 2, NULL, 'count', NULL, 'stated', 'exact', 'complaint', '{}', '{}', NULL, DEFAULT, 'ambiguous', true, NULL, NULL, 2, 2, 1, 3, '{"id":"open","kind":"outcome","statement":"It is said of open.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","stage":null,"outcome":"dismissed","value":2,"value_to":null,"value_type":"count","per":null,"value_status":"stated","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":{"id":null,"basis":"ambiguous","part":true,"candidates":["whole","step"]},"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":null,"citation":"It is said of open. Nobody, 2024-05-06. Upheld, release 1.0.0, /figures/open?release=1.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/outcomes/open","html":"/figures/open","source":"/v1/sources/made-up"}}', '', '["open",["2020-01-01","2020-12-31",null,null,"stated","occurred"],"outcome","metropolitan","any",null,"dismissed",2,"count",null,"stated","exact","complaint",[],{},[null,"ambiguous"]]');
INSERT INTO public.record_1 VALUES (1, 'part', 'outcome', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, 'upheld', 4, NULL, 'count', NULL, 'stated', 'exact', 'complaint', '{}', '{}', 'whole', DEFAULT, 'stated', true, NULL, NULL, 3, 3, 2, 2, '{"id":"part","kind":"outcome","statement":"It is said of part.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","stage":null,"outcome":"upheld","value":4,"value_to":null,"value_type":"count","per":null,"value_status":"stated","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":{"id":"whole","basis":"stated","part":true,"candidates":["whole"]},"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":0.4,"citation":"It is said of part. Nobody, 2024-05-06. Upheld, release 1.0.0, /figures/part?release=1.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/outcomes/part","html":"/figures/part","source":"/v1/sources/made-up"}}', '', '["part",["2020-01-01","2020-12-31",null,null,"stated","occurred"],"outcome","metropolitan","any",null,"upheld",4,"count",null,"stated","exact","complaint",[],{},["whole","stated"]]');
INSERT INTO public.record_1 VALUES (1, 'whole', 'complaint', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, NULL, 10, NULL, 'count', NULL, 'stated', 'exact', 'complaint', '{}', '{}', NULL, DEFAULT, NULL, NULL, NULL, NULL, 4, 4, 3, 1, '{"id":"whole","kind":"complaint","statement":"It is said of whole.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","stage":null,"outcome":null,"value":10,"value_to":null,"value_type":"count","per":null,"value_status":"stated","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":null,"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":null,"citation":"It is said of whole. Nobody, 2024-05-06. Upheld, release 1.0.0, /figures/whole?release=1.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/complaints/whole","html":"/figures/whole","source":"/v1/sources/made-up"}}', '', '["whole",["2020-01-01","2020-12-31",null,null,"stated","occurred"],"complaint","metropolitan","any",null,null,10,"count",null,"stated","exact","complaint",[],{},null]');
INSERT INTO public.record_1 VALUES (1, 'step', 'proceeding', DEFAULT, 'metropolitan', NULL, NULL, NULL, NULL, 'not-stated', 'not-stated', NULL, 'any', 'investigation', NULL, NULL, NULL, 'count', NULL, 'withheld', 'exact', 'complaint', '{}', '{}', NULL, DEFAULT, NULL, NULL, NULL, NULL, 5, 5, 5, 5, '{"id":"step","kind":"proceeding","statement":"It is said of step.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":null,"end":null,"precision":null,"year_type":null,"basis":"not-stated","event":"not-stated","as_at":null,"label":"no date stated"},"allegation":"any","stage":"investigation","outcome":null,"value":null,"value_to":null,"value_type":"count","per":null,"value_status":"withheld","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":null,"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":null,"citation":"It is said of step. Nobody, 2024-05-06. Upheld, release 1.0.0, /figures/step?release=1.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/proceedings/step","html":"/figures/step","source":"/v1/sources/made-up"}}', '', '["step",[null,null,null,null,"not-stated","not-stated"],"proceeding","metropolitan","any","investigation",null,null,"count",null,"withheld","exact","complaint",[],{},null]');
INSERT INTO public.record_2 VALUES (2, 'event', 'incident', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, 'dismissed', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, DEFAULT, NULL, NULL, 'alleged', 'stated', 1, 1, 4, 4, '{"id":"event","kind":"incident","statement":"It is said of event.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","standing":"alleged","outcome":"dismissed","outcome_status":"stated","related":[{"type":"part-of","id":"whole","note":null}],"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"citation":"It is said of event. Nobody, 2024-05-06. Upheld, release 2.0.0, /incidents/event?release=2.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/incidents/event","html":"/incidents/event","source":"/v1/sources/made-up"}}', NULL, '["event",["2020-01-01","2020-12-31",null,null,"stated","occurred"]]');
INSERT INTO public.record_2 VALUES (2, 'open', 'outcome', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, 'dismissed', 2, NULL, 'count', NULL, 'stated', 'exact', 'complaint', '{}', '{}', NULL, DEFAULT, 'ambiguous', true, NULL, NULL, 2, 2, 1, 3, '{"id":"open","kind":"outcome","statement":"It is said of open.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","stage":null,"outcome":"dismissed","value":2,"value_to":null,"value_type":"count","per":null,"value_status":"stated","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":{"id":null,"basis":"ambiguous","part":true,"candidates":["whole","step"]},"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":null,"citation":"It is said of open. Nobody, 2024-05-06. Upheld, release 2.0.0, /figures/open?release=2.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/outcomes/open","html":"/figures/open","source":"/v1/sources/made-up"}}', '', '["open",["2020-01-01","2020-12-31",null,null,"stated","occurred"],"outcome","metropolitan","any",null,"dismissed",2,"count",null,"stated","exact","complaint",[],{},[null,"ambiguous"]]');
INSERT INTO public.record_2 VALUES (2, 'part', 'outcome', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, 'upheld', 4, NULL, 'count', NULL, 'stated', 'exact', 'complaint', '{}', '{}', 'whole', DEFAULT, 'stated', true, NULL, NULL, 3, 3, 2, 2, '{"id":"part","kind":"outcome","statement":"It is said of part.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","stage":null,"outcome":"upheld","value":4,"value_to":null,"value_type":"count","per":null,"value_status":"stated","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":{"id":"whole","basis":"stated","part":true,"candidates":["whole"]},"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":0.3636,"citation":"It is said of part. Nobody, 2024-05-06. Upheld, release 2.0.0, /figures/part?release=2.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/outcomes/part","html":"/figures/part","source":"/v1/sources/made-up"}}', '', '["part",["2020-01-01","2020-12-31",null,null,"stated","occurred"],"outcome","metropolitan","any",null,"upheld",4,"count",null,"stated","exact","complaint",[],{},["whole","stated"]]');
INSERT INTO public.record_2 VALUES (2, 'whole', 'complaint', DEFAULT, 'metropolitan', '2020-01-01', '2020-12-31', 'day', NULL, 'stated', 'occurred', NULL, 'any', NULL, NULL, 11, NULL, 'count', NULL, 'stated', 'exact', 'complaint', '{}', '{}', NULL, DEFAULT, NULL, NULL, NULL, NULL, 4, 4, 3, 1, '{"id":"whole","kind":"complaint","statement":"It is said of whole.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":"2020-01-01","end":"2020-12-31","precision":"day","year_type":null,"basis":"stated","event":"occurred","as_at":null,"label":"2020-01-01 to 2020-12-31"},"allegation":"any","stage":null,"outcome":null,"value":11,"value_to":null,"value_type":"count","per":null,"value_status":"stated","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":null,"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":null,"citation":"It is said of whole. Nobody, 2024-05-06. Upheld, release 2.0.0, /figures/whole?release=2.0.0","first_release":"1.0.0","changed_release":"2.0.0","links":{"self":"/v1/complaints/whole","html":"/figures/whole","source":"/v1/sources/made-up"}}', '', '["whole",["2020-01-01","2020-12-31",null,null,"stated","occurred"],"complaint","metropolitan","any",null,null,11,"count",null,"stated","exact","complaint",[],{},null]');
INSERT INTO public.record_2 VALUES (2, 'step', 'proceeding', DEFAULT, 'metropolitan', NULL, NULL, NULL, NULL, 'not-stated', 'not-stated', NULL, 'any', 'investigation', NULL, NULL, NULL, 'count', NULL, 'withheld', 'exact', 'complaint', '{}', '{}', NULL, DEFAULT, NULL, NULL, NULL, NULL, 5, 5, 5, 5, '{"id":"step","kind":"proceeding","statement":"It is said of step.","force":{"id":"metropolitan","name":"Metropolitan Police Service","kind":"territorial"},"period":{"start":null,"end":null,"precision":null,"year_type":null,"basis":"not-stated","event":"not-stated","as_at":null,"label":"no date stated"},"allegation":"any","stage":"investigation","outcome":null,"value":null,"value_to":null,"value_type":"count","per":null,"value_status":"withheld","qualifier":"exact","unit":"complaint","subjects":[],"breakdown":{},"base":null,"related":[],"coverage":null,"evidence":[{"source":"made-up","role":"states","as_printed":null,"paragraph":1,"start":0,"end":1,"sha256":"0000000000000000000000000000000000000000000000000000000000000000","note":null}],"notes":[],"share":null,"citation":"It is said of step. Nobody, 2024-05-06. Upheld, release 2.0.0, /figures/step?release=2.0.0","first_release":"1.0.0","changed_release":"1.0.0","links":{"self":"/v1/proceedings/step","html":"/figures/step","source":"/v1/sources/made-up"}}', '', '["step",[null,null,null,null,"not-stated","not-stated"],"proceeding","metropolitan","any","investigation",null,null,"count",null,"withheld","exact","complaint",[],{},null]');
INSERT INTO public.relation_1 VALUES (1, 'event', 0, 'part-of', 'whole', NULL);
INSERT INTO public.relation_2 VALUES (2, 'event', 0, 'part-of', 'whole', NULL);
INSERT INTO public.release OVERRIDING SYSTEM VALUE VALUES (1, '1.0.0', '2025-01-01 00:00:00+00', 'Made up.', '373a73287eea7f7cdb822657eba45a21c0f72362af9068a108a8515b25ddcda5');
INSERT INTO public.release OVERRIDING SYSTEM VALUE VALUES (2, '2.0.0', '2026-01-01 00:00:00+00', 'Made up.', 'c2e4ff7a214fabd68f61369f8eb9e078e2be8513449a7f74817e5ed016b7136e');
INSERT INTO public.source VALUES (1, 'made-up', 'A made-up article', 'Nobody', '2024-05-06', 'day', 'stated', NULL, 'news-article', NULL, 'made-up.txt', '0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO public.source VALUES (2, 'made-up', 'A made-up article', 'Nobody', '2024-05-06', 'day', 'stated', NULL, 'news-article', NULL, 'made-up.txt', '0000000000000000000000000000000000000000000000000000000000000000');
INSERT INTO public.stage VALUES (1, 'investigation', 0, 'Investigation', 'Made up: Investigation.', NULL);
INSERT INTO public.stage VALUES (2, 'investigation', 0, 'Investigation', 'Made up: Investigation.', NULL);
INSERT INTO public.tombstone VALUES ('gone', '2025-06-01', 'A court ordered it.');
SELECT pg_catalog.setval('public.release_id_seq', 2, true);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.base_candidate
    ADD CONSTRAINT pk_base_candidate PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.base_candidate_1
    ADD CONSTRAINT base_candidate_1_pkey PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.base_candidate_2
    ADD CONSTRAINT base_candidate_2_pkey PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.evidence
    ADD CONSTRAINT pk_evidence PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.evidence_1
    ADD CONSTRAINT evidence_1_pkey PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.evidence_2
    ADD CONSTRAINT evidence_2_pkey PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.outcome_below
    ADD CONSTRAINT pk_outcome_below PRIMARY KEY (release_id, record_id, outcome);
ALTER TABLE ONLY public.outcome_below_1
    ADD CONSTRAINT outcome_below_1_pkey PRIMARY KEY (release_id, record_id, outcome);
ALTER TABLE ONLY public.outcome_below_2
    ADD CONSTRAINT outcome_below_2_pkey PRIMARY KEY (release_id, record_id, outcome);
ALTER TABLE ONLY public.allegation
    ADD CONSTRAINT pk_allegation PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.category
    ADD CONSTRAINT pk_category PRIMARY KEY (release_id, dimension, id);
ALTER TABLE ONLY public.change
    ADD CONSTRAINT pk_change PRIMARY KEY (release_id, "position");
ALTER TABLE ONLY public.current_release
    ADD CONSTRAINT pk_current_release PRIMARY KEY (is_only);
ALTER TABLE ONLY public.force
    ADD CONSTRAINT pk_force PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.outcome
    ADD CONSTRAINT pk_outcome PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.record
    ADD CONSTRAINT pk_record PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.relation
    ADD CONSTRAINT pk_relation PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.release
    ADD CONSTRAINT pk_release PRIMARY KEY (id);
ALTER TABLE ONLY public.rule_change
    ADD CONSTRAINT pk_rule_change PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.source
    ADD CONSTRAINT pk_source PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT pk_stage PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.tombstone
    ADD CONSTRAINT pk_tombstone PRIMARY KEY (id);
ALTER TABLE ONLY public.record_1
    ADD CONSTRAINT record_1_pkey PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.record
    ADD CONSTRAINT uq_record_release_id_id_is_figure UNIQUE (release_id, id, is_figure);
ALTER TABLE ONLY public.record_1
    ADD CONSTRAINT record_1_release_id_id_is_figure_key UNIQUE (release_id, id, is_figure);
ALTER TABLE ONLY public.record_2
    ADD CONSTRAINT record_2_pkey PRIMARY KEY (release_id, id);
ALTER TABLE ONLY public.record_2
    ADD CONSTRAINT record_2_release_id_id_is_figure_key UNIQUE (release_id, id, is_figure);
ALTER TABLE ONLY public.relation_1
    ADD CONSTRAINT relation_1_pkey PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.relation_2
    ADD CONSTRAINT relation_2_pkey PRIMARY KEY (release_id, record_id, "position");
ALTER TABLE ONLY public.release
    ADD CONSTRAINT uq_release_version UNIQUE (version);
CREATE INDEX ix_base_candidate_candidate ON ONLY public.base_candidate USING btree (release_id, candidate_id);
CREATE INDEX base_candidate_1_release_id_candidate_id_idx ON public.base_candidate_1 USING btree (release_id, candidate_id);
CREATE INDEX base_candidate_2_release_id_candidate_id_idx ON public.base_candidate_2 USING btree (release_id, candidate_id);
CREATE INDEX ix_evidence_source ON ONLY public.evidence USING btree (release_id, source, place_by_period_desc, kind, period_start, period_end, force, record_id) WHERE names_source;
CREATE INDEX evidence_1_release_id_source_place_by_period_desc_kind_peri_idx ON public.evidence_1 USING btree (release_id, source, place_by_period_desc, kind, period_start, period_end, force, record_id) WHERE names_source;
CREATE INDEX evidence_2_release_id_source_place_by_period_desc_kind_peri_idx ON public.evidence_2 USING btree (release_id, source, place_by_period_desc, kind, period_start, period_end, force, record_id) WHERE names_source;
CREATE INDEX ix_change_thing ON public.change USING btree (id, release_id);
CREATE INDEX ix_outcome_below ON ONLY public.outcome_below USING btree (release_id, outcome, kind, place_by_period_desc, period_start, period_end, force, record_id);
CREATE INDEX ix_record_allegation ON ONLY public.record USING btree (release_id, allegation, place_by_period_desc, kind, period_start, period_end);
CREATE INDEX ix_record_base ON ONLY public.record USING btree (release_id, base_id);
CREATE INDEX ix_record_earliest ON ONLY public.record USING btree (release_id, place_by_period, kind, period_start, period_end, force);
CREATE INDEX ix_record_force ON ONLY public.record USING btree (release_id, force, place_by_period_desc, kind, period_start, period_end, allegation, outcome);
CREATE INDEX ix_record_kind ON ONLY public.record USING btree (release_id, kind, id);
CREATE INDEX ix_record_largest ON ONLY public.record USING btree (release_id, place_by_value_desc, kind, period_start, period_end, force);
CREATE INDEX ix_record_latest ON ONLY public.record USING btree (release_id, place_by_period_desc, kind, period_start, period_end, force, allegation, outcome, stage, unit, value_status, value_type, subject_set, standing);
CREATE INDEX ix_record_outcome ON ONLY public.record USING btree (release_id, outcome, place_by_period_desc, kind, period_start, period_end, force) WHERE (outcome IS NOT NULL);
CREATE INDEX ix_record_period ON ONLY public.record USING btree (release_id, period_start, place_by_period_desc);
CREATE INDEX ix_record_smallest ON ONLY public.record USING btree (release_id, place_by_value, kind, period_start, period_end, force);
CREATE INDEX ix_record_stage ON ONLY public.record USING btree (release_id, stage, place_by_period_desc, kind, period_start, period_end) WHERE (stage IS NOT NULL);
CREATE INDEX ix_record_standing ON ONLY public.record USING btree (release_id, standing, place_by_period_desc, kind, period_start, period_end) WHERE (standing IS NOT NULL);
CREATE INDEX ix_relation_related ON ONLY public.relation USING btree (release_id, related_id);
CREATE INDEX outcome_below_1_release_id_outcome_kind_place_by_period_des_idx ON public.outcome_below_1 USING btree (release_id, outcome, kind, place_by_period_desc, period_start, period_end, force, record_id);
CREATE INDEX outcome_below_2_release_id_outcome_kind_place_by_period_des_idx ON public.outcome_below_2 USING btree (release_id, outcome, kind, place_by_period_desc, period_start, period_end, force, record_id);
CREATE INDEX record_1_release_id_allegation_place_by_period_desc_kind_pe_idx ON public.record_1 USING btree (release_id, allegation, place_by_period_desc, kind, period_start, period_end);
CREATE INDEX record_1_release_id_base_id_idx ON public.record_1 USING btree (release_id, base_id);
CREATE INDEX record_1_release_id_force_place_by_period_desc_kind_period__idx ON public.record_1 USING btree (release_id, force, place_by_period_desc, kind, period_start, period_end, allegation, outcome);
CREATE INDEX record_1_release_id_kind_id_idx ON public.record_1 USING btree (release_id, kind, id);
CREATE INDEX record_1_release_id_outcome_place_by_period_desc_kind_perio_idx ON public.record_1 USING btree (release_id, outcome, place_by_period_desc, kind, period_start, period_end, force) WHERE (outcome IS NOT NULL);
CREATE INDEX record_1_release_id_period_start_place_by_period_desc_idx ON public.record_1 USING btree (release_id, period_start, place_by_period_desc);
CREATE INDEX record_1_release_id_place_by_period_desc_kind_period_start__idx ON public.record_1 USING btree (release_id, place_by_period_desc, kind, period_start, period_end, force, allegation, outcome, stage, unit, value_status, value_type, subject_set, standing);
CREATE INDEX record_1_release_id_place_by_period_kind_period_start_perio_idx ON public.record_1 USING btree (release_id, place_by_period, kind, period_start, period_end, force);
CREATE INDEX record_1_release_id_place_by_value_desc_kind_period_start_p_idx ON public.record_1 USING btree (release_id, place_by_value_desc, kind, period_start, period_end, force);
CREATE INDEX record_1_release_id_place_by_value_kind_period_start_period_idx ON public.record_1 USING btree (release_id, place_by_value, kind, period_start, period_end, force);
CREATE INDEX record_1_release_id_stage_place_by_period_desc_kind_period__idx ON public.record_1 USING btree (release_id, stage, place_by_period_desc, kind, period_start, period_end) WHERE (stage IS NOT NULL);
CREATE INDEX record_1_release_id_standing_place_by_period_desc_kind_peri_idx ON public.record_1 USING btree (release_id, standing, place_by_period_desc, kind, period_start, period_end) WHERE (standing IS NOT NULL);
CREATE INDEX record_2_release_id_allegation_place_by_period_desc_kind_pe_idx ON public.record_2 USING btree (release_id, allegation, place_by_period_desc, kind, period_start, period_end);
CREATE INDEX record_2_release_id_base_id_idx ON public.record_2 USING btree (release_id, base_id);
CREATE INDEX record_2_release_id_force_place_by_period_desc_kind_period__idx ON public.record_2 USING btree (release_id, force, place_by_period_desc, kind, period_start, period_end, allegation, outcome);
CREATE INDEX record_2_release_id_kind_id_idx ON public.record_2 USING btree (release_id, kind, id);
CREATE INDEX record_2_release_id_outcome_place_by_period_desc_kind_perio_idx ON public.record_2 USING btree (release_id, outcome, place_by_period_desc, kind, period_start, period_end, force) WHERE (outcome IS NOT NULL);
CREATE INDEX record_2_release_id_period_start_place_by_period_desc_idx ON public.record_2 USING btree (release_id, period_start, place_by_period_desc);
CREATE INDEX record_2_release_id_place_by_period_desc_kind_period_start__idx ON public.record_2 USING btree (release_id, place_by_period_desc, kind, period_start, period_end, force, allegation, outcome, stage, unit, value_status, value_type, subject_set, standing);
CREATE INDEX record_2_release_id_place_by_period_kind_period_start_perio_idx ON public.record_2 USING btree (release_id, place_by_period, kind, period_start, period_end, force);
CREATE INDEX record_2_release_id_place_by_value_desc_kind_period_start_p_idx ON public.record_2 USING btree (release_id, place_by_value_desc, kind, period_start, period_end, force);
CREATE INDEX record_2_release_id_place_by_value_kind_period_start_period_idx ON public.record_2 USING btree (release_id, place_by_value, kind, period_start, period_end, force);
CREATE INDEX record_2_release_id_stage_place_by_period_desc_kind_period__idx ON public.record_2 USING btree (release_id, stage, place_by_period_desc, kind, period_start, period_end) WHERE (stage IS NOT NULL);
CREATE INDEX record_2_release_id_standing_place_by_period_desc_kind_peri_idx ON public.record_2 USING btree (release_id, standing, place_by_period_desc, kind, period_start, period_end) WHERE (standing IS NOT NULL);
CREATE INDEX relation_1_release_id_related_id_idx ON public.relation_1 USING btree (release_id, related_id);
CREATE INDEX relation_2_release_id_related_id_idx ON public.relation_2 USING btree (release_id, related_id);
ALTER INDEX public.pk_base_candidate ATTACH PARTITION public.base_candidate_1_pkey;
ALTER INDEX public.ix_base_candidate_candidate ATTACH PARTITION public.base_candidate_1_release_id_candidate_id_idx;
ALTER INDEX public.pk_base_candidate ATTACH PARTITION public.base_candidate_2_pkey;
ALTER INDEX public.ix_base_candidate_candidate ATTACH PARTITION public.base_candidate_2_release_id_candidate_id_idx;
ALTER INDEX public.pk_evidence ATTACH PARTITION public.evidence_1_pkey;
ALTER INDEX public.ix_evidence_source ATTACH PARTITION public.evidence_1_release_id_source_place_by_period_desc_kind_peri_idx;
ALTER INDEX public.pk_evidence ATTACH PARTITION public.evidence_2_pkey;
ALTER INDEX public.ix_evidence_source ATTACH PARTITION public.evidence_2_release_id_source_place_by_period_desc_kind_peri_idx;
ALTER INDEX public.pk_outcome_below ATTACH PARTITION public.outcome_below_1_pkey;
ALTER INDEX public.ix_outcome_below ATTACH PARTITION public.outcome_below_1_release_id_outcome_kind_place_by_period_des_idx;
ALTER INDEX public.pk_outcome_below ATTACH PARTITION public.outcome_below_2_pkey;
ALTER INDEX public.ix_outcome_below ATTACH PARTITION public.outcome_below_2_release_id_outcome_kind_place_by_period_des_idx;
ALTER INDEX public.pk_record ATTACH PARTITION public.record_1_pkey;
ALTER INDEX public.ix_record_allegation ATTACH PARTITION public.record_1_release_id_allegation_place_by_period_desc_kind_pe_idx;
ALTER INDEX public.ix_record_base ATTACH PARTITION public.record_1_release_id_base_id_idx;
ALTER INDEX public.ix_record_force ATTACH PARTITION public.record_1_release_id_force_place_by_period_desc_kind_period__idx;
ALTER INDEX public.uq_record_release_id_id_is_figure ATTACH PARTITION public.record_1_release_id_id_is_figure_key;
ALTER INDEX public.ix_record_kind ATTACH PARTITION public.record_1_release_id_kind_id_idx;
ALTER INDEX public.ix_record_outcome ATTACH PARTITION public.record_1_release_id_outcome_place_by_period_desc_kind_perio_idx;
ALTER INDEX public.ix_record_period ATTACH PARTITION public.record_1_release_id_period_start_place_by_period_desc_idx;
ALTER INDEX public.ix_record_latest ATTACH PARTITION public.record_1_release_id_place_by_period_desc_kind_period_start__idx;
ALTER INDEX public.ix_record_earliest ATTACH PARTITION public.record_1_release_id_place_by_period_kind_period_start_perio_idx;
ALTER INDEX public.ix_record_largest ATTACH PARTITION public.record_1_release_id_place_by_value_desc_kind_period_start_p_idx;
ALTER INDEX public.ix_record_smallest ATTACH PARTITION public.record_1_release_id_place_by_value_kind_period_start_period_idx;
ALTER INDEX public.ix_record_stage ATTACH PARTITION public.record_1_release_id_stage_place_by_period_desc_kind_period__idx;
ALTER INDEX public.ix_record_standing ATTACH PARTITION public.record_1_release_id_standing_place_by_period_desc_kind_peri_idx;
ALTER INDEX public.pk_record ATTACH PARTITION public.record_2_pkey;
ALTER INDEX public.ix_record_allegation ATTACH PARTITION public.record_2_release_id_allegation_place_by_period_desc_kind_pe_idx;
ALTER INDEX public.ix_record_base ATTACH PARTITION public.record_2_release_id_base_id_idx;
ALTER INDEX public.ix_record_force ATTACH PARTITION public.record_2_release_id_force_place_by_period_desc_kind_period__idx;
ALTER INDEX public.uq_record_release_id_id_is_figure ATTACH PARTITION public.record_2_release_id_id_is_figure_key;
ALTER INDEX public.ix_record_kind ATTACH PARTITION public.record_2_release_id_kind_id_idx;
ALTER INDEX public.ix_record_outcome ATTACH PARTITION public.record_2_release_id_outcome_place_by_period_desc_kind_perio_idx;
ALTER INDEX public.ix_record_period ATTACH PARTITION public.record_2_release_id_period_start_place_by_period_desc_idx;
ALTER INDEX public.ix_record_latest ATTACH PARTITION public.record_2_release_id_place_by_period_desc_kind_period_start__idx;
ALTER INDEX public.ix_record_earliest ATTACH PARTITION public.record_2_release_id_place_by_period_kind_period_start_perio_idx;
ALTER INDEX public.ix_record_largest ATTACH PARTITION public.record_2_release_id_place_by_value_desc_kind_period_start_p_idx;
ALTER INDEX public.ix_record_smallest ATTACH PARTITION public.record_2_release_id_place_by_value_kind_period_start_period_idx;
ALTER INDEX public.ix_record_stage ATTACH PARTITION public.record_2_release_id_stage_place_by_period_desc_kind_period__idx;
ALTER INDEX public.ix_record_standing ATTACH PARTITION public.record_2_release_id_standing_place_by_period_desc_kind_peri_idx;
ALTER INDEX public.pk_relation ATTACH PARTITION public.relation_1_pkey;
ALTER INDEX public.ix_relation_related ATTACH PARTITION public.relation_1_release_id_related_id_idx;
ALTER INDEX public.pk_relation ATTACH PARTITION public.relation_2_pkey;
ALTER INDEX public.ix_relation_related ATTACH PARTITION public.relation_2_release_id_related_id_idx;
ALTER TABLE ONLY public.allegation
    ADD CONSTRAINT fk_allegation_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.allegation
    ADD CONSTRAINT fk_allegation_release_id_parent FOREIGN KEY (release_id, parent) REFERENCES public.allegation(release_id, id);
ALTER TABLE public.base_candidate
    ADD CONSTRAINT fk_base_candidate_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.base_candidate_1
    ADD CONSTRAINT fk_base_candidate_release_id_candidate_id_candidate_is_figure FOREIGN KEY (release_id, candidate_id, candidate_is_figure) REFERENCES public.record_1(release_id, id, is_figure);
ALTER TABLE ONLY public.base_candidate_2
    ADD CONSTRAINT fk_base_candidate_release_id_candidate_id_candidate_is_figure FOREIGN KEY (release_id, candidate_id, candidate_is_figure) REFERENCES public.record_2(release_id, id, is_figure);
ALTER TABLE ONLY public.base_candidate_1
    ADD CONSTRAINT fk_base_candidate_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_1(release_id, id);
ALTER TABLE ONLY public.base_candidate_2
    ADD CONSTRAINT fk_base_candidate_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_2(release_id, id);
ALTER TABLE ONLY public.category
    ADD CONSTRAINT fk_category_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.change
    ADD CONSTRAINT fk_change_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.current_release
    ADD CONSTRAINT fk_current_release_release_id FOREIGN KEY (release_id) REFERENCES public.release(id);
ALTER TABLE public.evidence
    ADD CONSTRAINT fk_evidence_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.evidence_1
    ADD CONSTRAINT fk_evidence_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_1(release_id, id);
ALTER TABLE ONLY public.evidence_2
    ADD CONSTRAINT fk_evidence_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_2(release_id, id);
ALTER TABLE public.evidence
    ADD CONSTRAINT fk_evidence_release_id_source FOREIGN KEY (release_id, source) REFERENCES public.source(release_id, id);
ALTER TABLE ONLY public.force
    ADD CONSTRAINT fk_force_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.force
    ADD CONSTRAINT fk_force_release_id_part_of FOREIGN KEY (release_id, part_of) REFERENCES public.force(release_id, id);
ALTER TABLE public.outcome_below
    ADD CONSTRAINT fk_outcome_below_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE public.outcome_below
    ADD CONSTRAINT fk_outcome_below_release_id_outcome FOREIGN KEY (release_id, outcome) REFERENCES public.outcome(release_id, id);
ALTER TABLE ONLY public.outcome_below_1
    ADD CONSTRAINT fk_outcome_below_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_1(release_id, id);
ALTER TABLE ONLY public.outcome_below_2
    ADD CONSTRAINT fk_outcome_below_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_2(release_id, id);
ALTER TABLE ONLY public.outcome
    ADD CONSTRAINT fk_outcome_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.outcome
    ADD CONSTRAINT fk_outcome_release_id_parent FOREIGN KEY (release_id, parent) REFERENCES public.outcome(release_id, id);
ALTER TABLE public.record
    ADD CONSTRAINT fk_record_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE public.record
    ADD CONSTRAINT fk_record_release_id_allegation FOREIGN KEY (release_id, allegation) REFERENCES public.allegation(release_id, id);
ALTER TABLE ONLY public.record_1
    ADD CONSTRAINT fk_record_release_id_base_id_base_is_figure FOREIGN KEY (release_id, base_id, base_is_figure) REFERENCES public.record_1(release_id, id, is_figure);
ALTER TABLE ONLY public.record_2
    ADD CONSTRAINT fk_record_release_id_base_id_base_is_figure FOREIGN KEY (release_id, base_id, base_is_figure) REFERENCES public.record_2(release_id, id, is_figure);
ALTER TABLE public.record
    ADD CONSTRAINT fk_record_release_id_force FOREIGN KEY (release_id, force) REFERENCES public.force(release_id, id);
ALTER TABLE public.record
    ADD CONSTRAINT fk_record_release_id_outcome FOREIGN KEY (release_id, outcome) REFERENCES public.outcome(release_id, id);
ALTER TABLE public.record
    ADD CONSTRAINT fk_record_release_id_stage FOREIGN KEY (release_id, stage) REFERENCES public.stage(release_id, id);
ALTER TABLE public.relation
    ADD CONSTRAINT fk_relation_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.relation_1
    ADD CONSTRAINT fk_relation_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_1(release_id, id);
ALTER TABLE ONLY public.relation_2
    ADD CONSTRAINT fk_relation_release_id_record_id FOREIGN KEY (release_id, record_id) REFERENCES public.record_2(release_id, id);
ALTER TABLE ONLY public.relation_1
    ADD CONSTRAINT fk_relation_release_id_related_id FOREIGN KEY (release_id, related_id) REFERENCES public.record_1(release_id, id);
ALTER TABLE ONLY public.relation_2
    ADD CONSTRAINT fk_relation_release_id_related_id FOREIGN KEY (release_id, related_id) REFERENCES public.record_2(release_id, id);
ALTER TABLE ONLY public.rule_change
    ADD CONSTRAINT fk_rule_change_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.source
    ADD CONSTRAINT fk_source_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.source
    ADD CONSTRAINT fk_source_release_id_origin FOREIGN KEY (release_id, origin) REFERENCES public.source(release_id, id);
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT fk_stage_release_id FOREIGN KEY (release_id) REFERENCES public.release(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.stage
    ADD CONSTRAINT fk_stage_release_id_parent FOREIGN KEY (release_id, parent) REFERENCES public.stage(release_id, id);
GRANT USAGE ON SCHEMA public TO upheld_reader;
GRANT SELECT ON TABLE public.alembic_version TO upheld_reader;
GRANT SELECT ON TABLE public.allegation TO upheld_reader;
GRANT SELECT ON TABLE public.base_candidate TO upheld_reader;
GRANT SELECT ON TABLE public.base_candidate_1 TO upheld_reader;
GRANT SELECT ON TABLE public.base_candidate_2 TO upheld_reader;
GRANT SELECT ON TABLE public.category TO upheld_reader;
GRANT SELECT ON TABLE public.change TO upheld_reader;
GRANT SELECT ON TABLE public.current_release TO upheld_reader;
GRANT SELECT ON TABLE public.evidence TO upheld_reader;
GRANT SELECT ON TABLE public.evidence_1 TO upheld_reader;
GRANT SELECT ON TABLE public.evidence_2 TO upheld_reader;
GRANT SELECT ON TABLE public.force TO upheld_reader;
GRANT SELECT ON TABLE public.outcome TO upheld_reader;
GRANT SELECT ON TABLE public.outcome_below TO upheld_reader;
GRANT SELECT ON TABLE public.outcome_below_1 TO upheld_reader;
GRANT SELECT ON TABLE public.outcome_below_2 TO upheld_reader;
GRANT SELECT ON TABLE public.record TO upheld_reader;
GRANT SELECT ON TABLE public.record_1 TO upheld_reader;
GRANT SELECT ON TABLE public.record_2 TO upheld_reader;
GRANT SELECT ON TABLE public.relation TO upheld_reader;
GRANT SELECT ON TABLE public.relation_1 TO upheld_reader;
GRANT SELECT ON TABLE public.relation_2 TO upheld_reader;
GRANT SELECT ON TABLE public.release TO upheld_reader;
GRANT SELECT ON TABLE public.rule_change TO upheld_reader;
GRANT SELECT ON TABLE public.source TO upheld_reader;
GRANT SELECT ON TABLE public.stage TO upheld_reader;
GRANT SELECT ON TABLE public.tombstone TO upheld_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO upheld_reader;
