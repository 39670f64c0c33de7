using GpuMem.Bench.Common;

namespace GpuMem.Bench.Load;

/// <summary>A review to send, and whether the answer must allow it.</summary>
/// <param name="Path">The endpoint.</param>
/// <param name="Body">The AdmissionReview; <c>@@</c> makes each one's uid and name its own.</param>
/// <param name="Allowed">The right answer; null when either is.</param>
internal sealed record Question(string Path, Body Body, bool? Allowed);
