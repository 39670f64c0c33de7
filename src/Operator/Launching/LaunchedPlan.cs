using System.Text;
using System.Text.Json;
using GpuMem.Api.Json;
using GpuMem.Api.TrainingJobs;

namespace GpuMem.Operator.Launching;

/// <summary>The plan that a child was launched with, in an annotation of it: it stays what it is when pools change later.</summary>
internal static class LaunchedPlan
{
    public const string Annotation = "gpumem.io/plan";

    public static string Write(PlanStatus plan) => Encoding.UTF8.GetString(ApiJson.Default.Serialize(plan));

    /// <returns>Null when there is none, or somebody damaged it.</returns>
    public static PlanStatus? Of(k8s.IKubernetesObject<V1ObjectMeta> child)
    {
        if (child.GetAnnotation(Annotation) is not { } annotation)
            return null;
        try
        {
            return ApiJson.Default.Deserialize<PlanStatus>(Encoding.UTF8.GetBytes(annotation));
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
