namespace GpuMem.Evaluation.LeftOut;

/// <summary>One whole job, as the published table predicts it and as a table does to which its publisher contributed nothing.</summary>
/// <param name="InSample">The case with the published table.</param>
/// <param name="LeftOut">The same case with the refitted table.</param>
/// <param name="Publisher">Who published the run.</param>
public sealed record LeftOutCase(ScoredCase InSample, ScoredCase LeftOut, string Publisher);
