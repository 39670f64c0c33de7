namespace GpuMem.Kubernetes.Tests.Models;

public sealed class EntityMetadataTests
{
    [Fact]
    public void Paths_follow_group_scope_and_namespace()
    {
        Assert.Equal("api/v1/namespaces/a/pods/b", EntityMetadata.Of<V1Pod>().ObjectPath("b", "a"));
        Assert.Equal("api/v1/pods", EntityMetadata.Of<V1Pod>().CollectionPath(null));
        Assert.Equal("api/v1/nodes/n", EntityMetadata.Of<V1Node>().ObjectPath("n", "ignored"));
        Assert.Equal("apis/batch/v1/namespaces/a/jobs/b/status", EntityMetadata.Of<V1Job>().ObjectPath("b", "a", "status"));
        Assert.Equal("batch/v1", EntityMetadata.Of<V1Job>().ApiVersion);
    }

    [Theory]
    [InlineData("../secrets")]
    [InlineData("..")]
    [InlineData("")]
    public void A_name_cannot_lead_to_another_resource(string name) =>
        Assert.Throws<ArgumentException>(() => EntityMetadata.Of<V1Pod>().ObjectPath(name, "default"));

    [Fact]
    public void A_namespaced_object_needs_a_namespace() =>
        Assert.Throws<ArgumentException>(() => EntityMetadata.Of<V1Pod>().ObjectPath("a", null));

    [Fact]
    public void Owner_references_compare_uids()
    {
        V1Job job = new() { Metadata = new V1ObjectMeta { Name = "a", Uid = "1" } };
        V1Pod pod = new();
        pod.AddOwnerReference(job.CreateOwnerReference());

        V1OwnerReference owner = Assert.Single(pod.Metadata.OwnerReferences);
        Assert.Equal(("batch/v1", "Job", "a", "1", true), (owner.ApiVersion, owner.Kind, owner.Name, owner.Uid, owner.Controller));
        Assert.True(pod.HasOwner(job));
        Assert.False(pod.HasOwner(new V1Job { Metadata = new V1ObjectMeta { Name = "a", Uid = "2" } }));
        Assert.Throws<InvalidOperationException>(() => new V1Job().CreateOwnerReference());
    }
}
