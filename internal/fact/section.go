package fact

import (
	"context"

	"msw/internal/access"
)

// The sections of the application whose answers are facts.
const (
	SectionQualification = "qualification"
	SectionExperience    = "experience"
	SectionEnglish       = "english"
	SectionExams         = "exams"
	SectionRightToWork   = "right-to-work"
)

// The states of a section.
const (
	NotStarted = "not started"
	InProgress = "in progress"
	Done       = "done"
)

// asks gives the kinds of fact a section asks for.
func asks(section string) []string {
	switch section {
	case SectionQualification:
		return []string{Qualification}
	case SectionExperience:
		return []string{Experience, Practice}
	case SectionEnglish:
		return []string{EnglishTest, English}
	case SectionExams:
		return []string{Exam, Registration}
	case SectionRightToWork:
		return []string{RightToWork, Residence}
	}
	return nil
}

// SectionState tells how far a section of the application is: done only when
// the doctor said so.
func (s *Service) SectionState(ctx context.Context, call access.Call, doctor, section string) (string, error) {
	finished, kinds, err := s.sections(ctx, call.Actor.Tenant, doctor)
	if err != nil {
		return "", err
	}
	if finished[section] {
		return Done, nil
	}
	for _, k := range asks(section) {
		if kinds[k] {
			return InProgress, nil
		}
	}
	return NotStarted, nil
}

// State gives SectionState of one section as the task list asks for it.
func (s *Service) State(section string) func(ctx context.Context, call access.Call, doctor string) (string, error) {
	return func(ctx context.Context, call access.Call, doctor string) (string, error) {
		return s.SectionState(ctx, call, doctor, section)
	}
}

// Finish remembers whether the doctor says a section is finished.
func (s *Service) Finish(ctx context.Context, call access.Call, doctor, section string, finished bool) error {
	if err := s.May(ctx, call, ActRecord, doctor); err != nil {
		return err
	}
	return s.db.Tx(ctx, func(ctx context.Context) error { return s.finish(ctx, call, doctor, section, finished) })
}
