using System.Text.Json.Serialization;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Operator.TrainingJobs;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanStatus))]
internal sealed partial class PlanJsonContext : JsonSerializerContext;
