package app

import (
	"msw/internal/casefile"
	"msw/internal/web"
)

type noPages struct{}

func (noPages) Routes() []web.Route { return nil }

func (a *App) referralPages() pagesOf       { return noPages{} }
func (a *App) fundingPages() pagesOf        { return noPages{} }
func (a *App) newsroomPages() pagesOf       { return noPages{} }
func (a *App) morePanels() []casefile.Panel { return nil }
func (a *App) moreWork()                    {}

type demoCommand struct{}

func (demoCommand) Run() error { return nil }
